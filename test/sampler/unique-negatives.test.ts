import { expect, test } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { sourceNames } from '../../src/negatives/options.js';
import { itemMasks, otherProducts } from '../../src/negatives/sources.js';
import { uniqueNegatives } from '../../src/sampler/unique-negatives.js';

test('different products among the negatives are those that the masks of the loss let through', () => {
  const stream = randomStream(1, 'uniques');
  const int = (values: Int32Array) => tf.tensor1d(values, 'int32');
  for (let trial = 0; trial < 20; trial++) {
    const [items, queries, queued] = [9, 6, 7];
    const draw = {
      numbers: Int32Array.from({ length: items }, () => stream.integer(7) - 1),
      positiveOf: Int32Array.from({ length: queries }, () => stream.integer(5)),
      hardOf: Int32Array.from({ length: queries }, () => stream.integer(items + 1) - 1),
      queryGroups: Int32Array.from({ length: queries }, () => stream.integer(2)),
      itemGroups: Int32Array.from({ length: items }, () => stream.integer(2)),
    };
    const queue = Int32Array.from({ length: queued }, () => stream.integer(9) - 1);
    const found = uniqueNegatives(draw, { weights: { inBatch: 1, hard: 1, spatial: 2, temporal: 1 } }, queue);
    const bought = draw.positiveOf.map((row) => draw.numbers[row]);
    const counts = tf.tidy(() => {
      const queryProducts = int(bought);
      const masks = itemMasks({
        queries: tf.zeros([queries, 2]),
        items: tf.zeros([items, 2]),
        positiveOf: int(draw.positiveOf),
        queryProducts,
        itemProducts: int(draw.numbers),
        hardOf: int(draw.hardOf),
        queryGroups: int(draw.queryGroups),
        itemGroups: int(draw.itemGroups),
      });
      const all = { ...masks, temporal: otherProducts(queryProducts, int(queue)) } as Record<string, tf.Tensor2D>;
      const products = (name: string) => (name === 'temporal' ? queue : draw.numbers);
      return sourceNames.map((name) => {
        const rows = all[name].arraySync() as unknown as number[][];
        const own = rows.flatMap((row) => row.flatMap((is, at) => (is ? products(name)[at] : [])));
        return [name, new Set(own).size] as const;
      });
    });
    expect(found).toEqual(Object.fromEntries(counts.filter(([, count]) => count)));
  }
  const none = { inBatch: 0, hard: 0, spatial: 0, temporal: 0 };
  const empty = new Int32Array();
  const nothing = { numbers: empty, positiveOf: empty, queryGroups: empty, itemGroups: empty };
  expect(uniqueNegatives(nothing, { weights: none }, [1])).toEqual({});
});
