import { describe, expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { GROUP, rankScores } from '../../src/search/rank-scores.js';

/** Whole numbers, so that scores tie and every sum is exact. */
function integerScores(queries: number, items: number, values: number) {
  const { integer } = randomStream(1, `${queries} x ${items}`);
  const columns = Math.ceil(items / GROUP) * GROUP;
  const scores = Float32Array.from({ length: queries * columns }, () => integer(values) - 7);
  // What fills up the last group is above everything and must not count.
  for (let row = 0; row < queries; row++) scores.fill(values, row * columns + items, (row + 1) * columns);
  const golds = Array.from({ length: queries }, (_, row) =>
    Array.from({ length: 1 + (row % 3) }, () => integer(items)),
  );
  return { scores, columns, golds: golds.map((rows) => [...new Set(rows)]) };
}

/** The slow obvious version. */
function slowRank(scores: Float32Array, gold: readonly number[], ids: readonly string[]) {
  const own = scores.subarray(0, ids.length);
  const wanted = Math.max(...gold.map((row) => own[row]));
  const order = ids.map((_, item) => item).sort((a, b) => own[b] - own[a] || a - b);
  const relevant = gold.filter((row) => own[row] === wanted).length;
  const count = (test: (score: number) => boolean) => own.reduce((sum, score) => sum + Number(test(score)), 0);
  return {
    before: count((score) => score > wanted),
    tied: count((score) => score === wanted) - relevant,
    relevant,
    similarity: wanted,
    top: order.slice(0, 10).map((item) => ({ id: ids[item], similarity: own[item] })),
    best: order.filter((item) => own[item] === own[order[0]]).map((item) => ids[item]),
  };
}

describe('rankScores', () => {
  test.each([
    ['read whole', 7, 90, 50],
    ['few groups are read', 5, 5000, 1e6],
    ['the engine counts', 9, 4100, 300],
  ])('is what sorting gives: %s', (_, queries, items, values) => {
    const ids = Array.from({ length: items }, (__, item) => `i${item}`);
    const { scores, columns, golds } = integerScores(queries, items, values);
    // Where few groups are to be read, what is right is near the top.
    if (values === 1e6)
      for (const [query, [row]] of golds.entries()) scores[query * columns + row] = values - 8 - 100 * query;
    const tensor = tf.tensor2d(scores, [queries, columns]);
    const ranks = rankScores(tensor, golds, ids);
    tensor.dispose();
    ranks.forEach(({ best, ...rank }, query) => {
      const { best: slowBest, ...slow } = slowRank(scores.subarray(query * columns), golds[query], ids);
      expect(rank).toEqual(slow);
      expect(best).toEqual(slowBest.slice(0, best.length));
      if (items < 2000) expect(best).toEqual(slowBest);
    });
  });

  test('leaves no tensor behind', async () => {
    const { scores, columns, golds } = integerScores(4, 3000, 40);
    const ids = Array.from({ length: 3000 }, (_, item) => `i${item}`);
    const { leaked } = await countLeaks(() => {
      const tensor = tf.tensor2d(scores, [4, columns]);
      rankScores(tensor, golds, ids);
      tensor.dispose();
    });
    expect(leaked).toBe(0);
  });
});
