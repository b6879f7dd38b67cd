import { expect, test } from 'vitest';
import { buildBatch } from '../../src/moon/batch.js';
import { batchOptions } from '../../src/moon/model.js';
import { productSequence } from '../../src/moon/sequence.js';
import { products, reading, smallModel } from './small.js';

const model = smallModel();
const options = batchOptions(model);
const sequences = products.map((product) => productSequence(product, reading(model)));
const batch = buildBatch(sequences, options);

test('tokens, mask and aspects are the segments side by side, padded', () => {
  sequences.forEach(({ segments }, at) => {
    const ids = segments.flatMap((segment) => segment.ids);
    const rows = Array.from({ length: batch.length }, (_, place) => at * batch.length + place);
    expect(rows.map((row) => batch.tokens[row])).toEqual([...ids, ...Array(batch.length - ids.length).fill(0)]);
    expect(rows.map((row) => batch.mask[row])).toEqual(rows.map((_, place) => Number(place < ids.length)));
    const aspects = segments.flatMap((segment) => segment.ids.map(() => segment.aspect));
    expect(rows.map((row) => batch.aspects[row])).toEqual([...aspects, ...Array(batch.length - ids.length).fill(null)]);
  });
});

test('every image token starts from its own visual row, every other token from its embedding', () => {
  const visual = [...batch.source].filter((row) => row >= options.vocabulary);
  expect(visual).toEqual(visual.map((_, at) => options.vocabulary + at));
  expect(visual.length).toBe(batch.images.length * 4);
  batch.tokens.forEach((id, row) => {
    if (batch.mask[row] && id !== options.imageTokenId) expect(batch.source[row]).toBe(id);
  });
});

test('every real token has one slot in the group of its aspect, and slots lead back', () => {
  const [ordinary, category] = batch.groups;
  const starts = [0, ordinary, ordinary + category];
  batch.aspects.forEach((aspect, row) => {
    const slot = batch.slotOfRow[row];
    if (aspect === null) {
      expect(slot).toBe(batch.rowOfSlot.length);
      return;
    }
    expect(batch.rowOfSlot[slot]).toBe(row);
    const group = aspect === 'category' ? 1 : aspect === 'attribute' ? 2 : 0;
    expect(slot).toBeGreaterThanOrEqual(starts[group]);
    expect(slot).toBeLessThan(starts[group] + batch.groups[group]);
  });
  const used = [...batch.rowOfSlot].filter((row) => row < batch.aspects.length);
  expect(new Set(used).size).toBe(used.length);
  expect(used.length).toBe(batch.aspects.filter((aspect) => aspect !== null).length);
});
