import { describe, expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import type { Embeddings } from '../../src/search/embeddings.js';
import { rankItems } from '../../src/search/ranks.js';
import { chanceOf, expectedRank, recallAt, reciprocalRank, retrievalMetrics } from '../../src/tasks/rank-metrics.js';

function embeddings(name: string, count: number, width = 3): Embeddings {
  const { normal } = randomStream(1, name);
  const vectors = Float32Array.from({ length: count * width }, normal);
  return { ids: Array.from({ length: count }, (_, at) => `${name}${at}`), vectors, width };
}

describe('rankItems', () => {
  const [queries, items] = [embeddings('q', 300), embeddings('i', 40)];
  const { integer } = randomStream(1, 'gold');
  const gold = queries.ids.map(() => items.ids[integer(40)]);

  test('equals sorting, query by query, over blocks', () => {
    const ranks = rankItems(queries, gold, items);
    const row = ({ vectors, width }: Embeddings, at: number) => vectors.subarray(at * width, (at + 1) * width);
    ranks.forEach((rank, at) => {
      const scores = items.ids.map((id, item) => ({
        id,
        score: Math.fround(row(queries, at).reduce((sum, value, axis) => sum + value * row(items, item)[axis], 0)),
      }));
      const sorted = [...scores].sort((a, b) => b.score - a.score);
      expect(rank.query).toBe(queries.ids[at]);
      expect(rank.before).toBe(sorted.findIndex(({ id }) => id === gold[at]));
      expect(rank.top.map(({ id }) => id)).toEqual(sorted.slice(0, 10).map(({ id }) => id));
    });
  });

  test('all-equal embeddings score chance exactly', () => {
    const flat = (of: Embeddings) => ({ ...of, vectors: of.vectors.map(() => 1) });
    const ranks = rankItems(flat(queries), gold, flat(items));
    const chance = chanceOf(40);
    for (const [name, metric] of Object.entries(retrievalMetrics))
      for (const rank of ranks) expect(metric(rank)).toBeCloseTo(chance[name], 12);
    expect(chance['R@1']).toBeCloseTo(1 / 40, 12);
    expect(chance['R@10']).toBeCloseTo(10 / 40, 12);
  });

  test('of several vectors of one id the best counts', () => {
    const photos: Embeddings = {
      ids: ['a', 'b', 'a', 'c'],
      vectors: new Float32Array([1, 0, 0, 1, 0.6, 0.8, -1, 0]),
      width: 2,
    };
    const asked: Embeddings = { ids: ['q'], vectors: new Float32Array([0.8, 0.6]), width: 2 };
    const [rank] = rankItems(asked, ['a'], photos);
    expect(rank.top.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(rank.top[0].similarity).toBeCloseTo(0.96, 6);
    expect(rankItems(asked, ['b'], photos)[0].before).toBe(1);
  });

  test('of several relevant items the best counts, and they do not stand before each other', () => {
    const line: Embeddings = { ids: ['a', 'b', 'c', 'd'], vectors: new Float32Array([4, 3, 3, 3]), width: 1 };
    const asked: Embeddings = { ids: ['q'], vectors: new Float32Array([1]), width: 1 };
    const [rank] = rankItems(asked, [['b', 'd']], line);
    expect(rank).toMatchObject({ gold: 'b', before: 1, tied: 1, relevant: 2, similarity: 3, best: ['a'] });
  });

  test('names the id that is not finite, and the gold that is missing', () => {
    const broken = { ...items, vectors: items.vectors.slice() };
    broken.vectors[3 * 7 + 1] = Number.NaN;
    expect(() => rankItems(queries, gold, broken)).toThrow('i7: its embedding is not finite');
    expect(() => rankItems(queries, gold.with(2, 'nobody'), items)).toThrow(
      'q2: its product nobody is not in the gallery',
    );
  });

  test('leaves no tensor behind', async () => {
    expect((await countLeaks(() => rankItems(queries, gold, items))).leaked).toBe(0);
  });
});

test('metrics with ties are the mean over every order of the tied', () => {
  for (const [before, tied, relevant] of [
    [2, 3, 1],
    [0, 4, 2],
    [7, 2, 3],
    [0, 0, 2],
  ]) {
    const place = { before, tied, relevant };
    const orders = permutations([...Array(tied).fill(false), ...Array(relevant).fill(true)]);
    const places = orders.map((order) => before + order.indexOf(true) + 1);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    for (const k of [1, 3, 5, 10])
      expect(recallAt(place, k)).toBeCloseTo(mean(places.map((at) => Number(at <= k))), 12);
    expect(reciprocalRank(place)).toBeCloseTo(mean(places.map((at) => 1 / at)), 12);
    expect(expectedRank(place)).toBeCloseTo(mean(places), 12);
  }
});

function permutations(items: boolean[]): boolean[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}
