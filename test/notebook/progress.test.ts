import { afterEach, describe, expect, it } from 'vitest';
import { progressBar, progressLine } from '../../src/notebook/progress.js';
import { startFakeKernel, stopFakeKernel } from './fake-kernel.js';

function fakeStream(isTTY: boolean) {
  const written: string[] = [];
  const stream = { isTTY, columns: 60, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  return { stream, written };
}

function run(stream?: NodeJS.WriteStream): void {
  const bar = progressBar(stream);
  for (let done = 1; done <= 100; done++) bar.show({ label: 'train', done, total: 100, note: `loss ${100 - done}` });
  bar.end();
}

afterEach(stopFakeKernel);

describe('progress', () => {
  it('redraws one line of a terminal, never wider than it, and ends it', () => {
    const { stream, written } = fakeStream(true);
    run(stream);
    expect(written.at(-1)).toBe('\n');
    expect(written.at(-2)).toContain('100/100');
    for (const line of written.slice(0, -1)) {
      expect(line).toMatch(/^\r[^\n]*$/);
      expect(line.replace('\x1b[K', '').length).toBeLessThanOrEqual(60);
    }
  });

  it('writes a line a tenth into a file', () => {
    const { stream, written } = fakeStream(false);
    run(stream);
    expect(written.length).toBeGreaterThanOrEqual(10);
    expect(written.length).toBeLessThanOrEqual(12);
    expect(written.at(-1)).toMatch(/train .* 100\/100, .* loss 0\n$/);
  });

  it('updates one output of a notebook in place and shows the last step', () => {
    const sent = startFakeKernel();
    run();
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
    expect(sent.map(({ update }) => update)).toEqual(sent.map((_, at) => at > 0));
    expect(sent.at(-1)?.data['text/plain']).toContain('100/100');
  });

  it('says the pace and how long is left, and stays one line whatever the note holds', () => {
    const now = performance.now();
    const [started, phase] = [now - 40_000, { started: now - 30_000, from: 0 }];
    const line = progressLine({ label: 'map', done: 60, total: 120, note: 'a\nb' }, { started, phase });
    expect(line).toBe('map  [##########----------]  60/120, 0:40, 2.0/s, 0:30 left, a b');
    // Of a run that goes on from its middle the pace is that of what it did itself.
    const resumed = { started, phase: { started: now - 30_000, from: 20 } };
    expect(progressLine({ label: 'map', done: 30, total: 40 }, resumed)).toContain(
      '30/40, 0:40, 3.0 s each, 0:30 left',
    );
    const fresh = { started: now, phase: { started: now, from: 0 } };
    expect(progressLine({ label: 'read', done: 7, total: 0 }, fresh)).toBe('read  7, 0:00');
  });
});
