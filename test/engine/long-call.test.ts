import { afterEach, describe, expect, it } from 'vitest';
import { longCall, type Progress, watchLongCalls } from '../../src/engine/long-call.js';

interface Watched {
  shown: Progress[];
  ended: number;
  stop: AbortController;
}

/** Watches every call from now on. */
function startWatching(): Watched[] {
  const all: Watched[] = [];
  watchLongCalls(() => {
    const one: Watched = { shown: [], ended: 0, stop: new AbortController() };
    all.push(one);
    return { signal: one.stop.signal, show: (progress) => one.shown.push(progress), end: () => one.ended++ };
  });
  return all;
}

const progress = (label: string): Progress => ({ label, done: 1, total: 2 });

afterEach(() => watchLongCalls(() => undefined));

describe('longCall', () => {
  it('is watched from its beginning to its end, also when it fails', async () => {
    const watched = startWatching();
    expect(await longCall(undefined, async ({ show }) => [show(progress('a'))])).toHaveLength(1);
    await expect(longCall(undefined, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(watched.map(({ shown, ended }) => [shown.length, ended])).toEqual([
      [1, 1],
      [0, 1],
    ]);
  });

  it('shows the outermost call alone, and stops those within', async () => {
    const watched = startWatching();
    const aborted = await longCall(undefined, async ({ show }) => {
      show(progress('outer'));
      return longCall(undefined, async (inner) => {
        inner.show(progress('inner'));
        watched[0].stop.abort();
        return [inner.signal.aborted, inner.interrupted()];
      });
    });
    expect(aborted).toEqual([true, true]);
    expect(watched.map(({ shown, ended }) => [shown.map(({ label }) => label), ended])).toEqual([[['outer'], 1]]);
  });

  it('tells an interrupt from a stop of the caller, who knows of it', async () => {
    const watched = startWatching();
    const own = new AbortController();
    const told = await longCall(own.signal, async (call) => {
      own.abort();
      const first = [call.signal.aborted, call.interrupted()];
      watched[0].stop.abort();
      return [first, call.interrupted()];
    });
    expect(told).toEqual([[true, false], false]);
  });

  it('of calls side by side ends with the last', async () => {
    const watched = startWatching();
    let release = () => {};
    const slow = longCall(
      undefined,
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    await longCall(undefined, async () => {});
    expect(watched.map(({ ended }) => ended)).toEqual([0]);
    release();
    await slow;
    expect(watched.map(({ ended }) => ended)).toEqual([1]);
  });

  it('runs without a watcher', async () => {
    expect(await longCall(undefined, async ({ signal, interrupted }) => [signal.aborted, interrupted()])).toEqual([
      false,
      false,
    ]);
  });
});
