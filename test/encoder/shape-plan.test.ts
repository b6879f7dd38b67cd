import { expect, test } from 'vitest';
import { plannedBatch, planShapes } from '../../src/encoder/shape-plan.js';
import { randomStream } from '../../src/engine/random.js';
import { batchSize, fits } from '../../src/moon/batch.js';
import { batchOptions } from '../../src/moon/model.js';
import type { Sequence } from '../../src/moon/sequence.js';
import { smallModel } from '../moon/small.js';

const stream = randomStream(1, 'sequences');
const options = batchOptions(smallModel());

/** Sequences of words alone, of random lengths. */
const drawn = (): Sequence[] =>
  Array.from({ length: 8 }, (_, at) => ({
    id: `${at}`,
    segments: [
      { aspect: 'title' as const, ids: Array(1 + stream.integer(60)).fill(20) },
      { aspect: 'category' as const, ids: Array(stream.integer(9)).fill(21) },
    ],
  }));

test('a run of many batches has two shapes at most, and what is larger than all has its own', () => {
  const samples = Array.from({ length: 40 }, drawn);
  const plan = planShapes(samples, options);
  expect(plan.length).toBeLessThanOrEqual(2);
  const shapes = new Set(
    samples.map((each) => {
      const { length, groups, pictures } = plannedBatch(each, plan, options);
      return JSON.stringify([length, groups, pictures]);
    }),
  );
  expect(shapes.size).toBeLessThanOrEqual(2);
  const long: Sequence[] = [{ id: 'long', segments: [{ aspect: 'title', ids: Array(300).fill(20) }] }];
  expect(plannedBatch(long, plan, options).length).toBe(304);
});

test('every sample fits the last of the plan', () => {
  const samples = Array.from({ length: 40 }, drawn);
  const plan = planShapes(samples, options);
  for (const each of samples) expect(fits(batchSize(each, options), plan[plan.length - 1])).toBe(true);
});

test('filling up changes no token, no position and no aspect', () => {
  const sequences = drawn();
  const plan = [{ length: 128, images: 0, states: 0, groups: [1024, 256, 128] }];
  const [own, filled] = [plannedBatch(sequences, [], options), plannedBatch(sequences, plan, options)];
  expect(filled.length).toBe(128);
  sequences.forEach((_, at) => {
    for (let place = 0; place < own.length; place++) {
      const [a, b] = [at * own.length + place, at * filled.length + place];
      expect(filled.tokens[b]).toBe(own.tokens[a]);
      expect(filled.mask[b]).toBe(own.mask[a]);
      expect(filled.aspects[b]).toBe(own.aspects[a]);
      if (own.mask[a]) expect(filled.rowOfSlot[filled.slotOfRow[b]]).toBe(b);
    }
  });
});
