import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { longCall, watchLongCalls } from '../../src/engine/long-call.js';
import { watchInNotebook } from '../../src/notebook/watch.js';
import { type Sent, startFakeKernel, stopFakeKernel } from './fake-kernel.js';

let sent: Sent[];
const kernelsListener = vi.fn();
beforeEach(() => {
  sent = startFakeKernel();
  watchInNotebook();
  process.on('SIGINT', kernelsListener);
});
afterEach(() => {
  process.off('SIGINT', kernelsListener);
  watchLongCalls(() => undefined);
  stopFakeKernel();
  kernelsListener.mockClear();
});

it("the first SIGINT is the call's, the second the kernel's; afterwards all is as before", async () => {
  const before = process.listeners('SIGINT');
  const seen = await longCall(undefined, async ({ signal }) => {
    process.emit('SIGINT');
    const first = [signal.aborted, kernelsListener.mock.calls.length];
    process.emit('SIGINT');
    return [first, kernelsListener.mock.calls.length];
  });
  expect(seen).toEqual([[true, 0], 1]);
  expect(new Set(process.listeners('SIGINT'))).toEqual(new Set(before));
});

it('a short call shows no bar', async () => {
  await longCall(undefined, async ({ show }) => show({ label: 'quick', done: 1, total: 1 }));
  expect(sent).toEqual([]);
});

it('outside a notebook nothing listens', async () => {
  stopFakeKernel();
  const count = process.listenerCount('SIGINT');
  expect(await longCall(undefined, async () => process.listenerCount('SIGINT'))).toBe(count);
  expect(process.listeners('SIGINT')).toContain(kernelsListener);
});
