import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countLeaks } from '../../../src/engine/memory.js';
import { summaryWriter } from '../../../src/train/run/summary-writer.js';

/** The payloads of a TFRecord file: length (8 bytes), its checksum (4), payload, its checksum (4). */
function payloads(file: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    found.push(file.subarray(at + 12, at + 12 + length));
    at += length + 16;
  }
  return found;
}

test('every number of every step is in the event file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'moon-board-'));
  const writer = summaryWriter(folder);
  const common = {
    steps: 2,
    stage: 'contrastive',
    rate: 0.5,
    gradientNorm: 2,
    seconds: 1,
    dataSeconds: 0,
    size: { sequences: 0, tokens: 0, pairs: 0, pictures: 0 },
  } as const;
  const { leaked } = await countLeaks(() => {
    writer.write({ step: 1, loss: 4.25, measures: { accuracy: 0.5 }, ...common });
    writer.write({ step: 2, loss: 3.125, measures: { accuracy: 0.75 }, ...common });
    writer.close();
  });
  expect(leaked).toBe(0);
  const [name] = readdirSync(folder);
  expect(name).toMatch(/^events\.out\.tfevents/);
  const events = payloads(readFileSync(join(folder, name)));
  // The first event names the format; then five scalars a step.
  expect(events[0].toString('latin1')).toContain('brain.Event:2');
  expect(events.length).toBe(1 + 2 * 5);
  const losses = events.filter((event) => event.includes('loss'));
  const holds = (event: Buffer, value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    return event.includes(bytes);
  };
  expect(losses.length).toBe(2);
  expect(holds(losses[0], 4.25) && holds(losses[1], 3.125)).toBe(true);
});
