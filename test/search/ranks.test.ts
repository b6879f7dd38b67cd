import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import type { Embeddings } from '../../src/search/embeddings.js';
import { rankEveryItem } from '../../src/search/rank-every-item.js';
import { rankItems } from '../../src/search/ranks.js';
import { chanceOf } from '../../src/tasks/kinds/chance.js';
import { retrievalMetrics } from '../../src/tasks/kinds/retrieval.js';
import { expectedRank, recallAt, reciprocalRank } from '../../src/tasks/rank-metrics.js';
import { textInput } from '../../src/tasks/task.js';

/** Vectors of any length. */
function embeddings(name: string, count: number, width = 3): Embeddings {
  const { normal } = randomStream(1, name);
  const vectors = Float32Array.from({ length: count * width }, normal);
  return { ids: Array.from({ length: count }, (_, at) => `${name}${at}`), vectors, width };
}

const row = ({ vectors, width }: Embeddings, at: number) => [...vectors.subarray(at * width, (at + 1) * width)];

/** The slow obvious similarity. */
function cosine(one: readonly number[], other: readonly number[]): number {
  const dot = one.reduce((sum, value, axis) => sum + value * other[axis], 0);
  return dot / (Math.hypot(...one) * Math.hypot(...other));
}

describe('rankItems', () => {
  const [queries, items] = [embeddings('q', 300), embeddings('i', 40)];
  const { integer } = randomStream(1, 'gold');
  const gold = queries.ids.map(() => items.ids[integer(40)]);

  test('equals sorting by the cosine, query by query, over blocks', () => {
    const ranks = rankItems(queries, gold, items);
    ranks.forEach((rank, at) => {
      const scores = items.ids.map((id, item) => ({ id, score: cosine(row(queries, at), row(items, item)) }));
      const sorted = [...scores].sort((a, b) => b.score - a.score);
      expect(rank.query).toBe(queries.ids[at]);
      expect(rank.before).toBe(sorted.findIndex(({ id }) => id === gold[at]));
      expect(rank.top.map(({ id }) => id)).toEqual(sorted.slice(0, 10).map(({ id }) => id));
    });
  });

  test('of vectors of any length the nearest by angle comes first', () => {
    const exponent = fc.integer({ min: -12, max: 12 });
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 2, max: 9 }),
        fc.array(exponent, { minLength: 2 }),
        (seed, width, sizes) => {
          const { normal, integer } = randomStream(seed, 'any length');
          const scaled = (name: string, count: number): Embeddings => ({
            ids: Array.from({ length: count }, (_, at) => `${name}${at}`),
            vectors: Float32Array.from(
              { length: count * width },
              (_, at) => normal() * 10 ** sizes[Math.floor(at / width) % sizes.length],
            ),
            width,
          });
          const [asked, offered] = [scaled('q', 3), scaled('i', 12)];
          const wanted = asked.ids.map(() => offered.ids[integer(12)]);
          for (const [at, rank] of rankItems(asked, wanted, offered).entries()) {
            const cosines = offered.ids.map((_, item) => cosine(row(asked, at), row(offered, item)));
            const own = cosines[offered.ids.indexOf(wanted[at])];
            const above = (similarity: number) => cosines.filter((each) => each > similarity).length;
            // Single precision may order two items either way that are as near as this.
            expect(rank.before).toBeGreaterThanOrEqual(above(own + 1e-5));
            expect(rank.before).toBeLessThanOrEqual(above(own - 1e-5));
            expect(rank.similarity).toBeCloseTo(own, 5);
            expect(rank.top[0].similarity).toBeCloseTo(Math.max(...cosines), 5);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the longest item is not the first', () => {
    const asked: Embeddings = { ids: ['q'], vectors: Float32Array.of(1, 0), width: 2 };
    const offered: Embeddings = { ids: ['near', 'long'], vectors: Float32Array.of(1, 0.1, 50, 90), width: 2 };
    const [{ before, top }] = rankItems(asked, ['near'], offered);
    expect([before, top[0].id]).toEqual([0, 'near']);
  });

  test('all-equal embeddings score chance exactly', () => {
    const flat = (of: Embeddings) => ({ ...of, vectors: of.vectors.map(() => 1) });
    const ranks = rankItems(flat(queries), gold, flat(items));
    const asks = gold.map((id) => ({ gold: [id] }));
    const chance = chanceOf({
      kind: 'retrieval',
      asks,
      items: items.ids.map((id) => ({ id, input: textInput(id, id) })),
    });
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
    const fan: Embeddings = { ids: ['a', 'b', 'c', 'd'], vectors: Float32Array.of(1, 0, 3, 3, 3, 3, 3, 3), width: 2 };
    const asked: Embeddings = { ids: ['q'], vectors: Float32Array.of(1, 0), width: 2 };
    const [rank] = rankItems(asked, [['b', 'd']], fan);
    expect(rank).toMatchObject({ gold: 'b', before: 1, tied: 1, relevant: 2, best: ['a'] });
    expect(rank.similarity).toBeCloseTo(Math.SQRT1_2, 6);
  });

  test('names the id without a direction, the gold that is missing, and the query that asks for nothing', () => {
    for (const [spoil, length] of [
      [Number.NaN, 'NaN'],
      [Number.POSITIVE_INFINITY, 'Infinity'],
      [0, '0'],
    ] as const) {
      const broken = { ...items, vectors: items.vectors.slice().fill(spoil, 3 * 7, 3 * 8) };
      expect(() => rankItems(queries, gold, broken)).toThrow(`the embedding of i7 has no direction (length ${length})`);
    }
    expect(() => rankItems(queries, gold.with(2, 'nobody'), items)).toThrow(
      'q2: the relevant item nobody is not in the gallery',
    );
    expect(() => rankItems(queries, [...gold.slice(1), []], items)).toThrow('q299: the query has no relevant item');
  });

  test('refuses sides that do not fit, with both numbers', () => {
    expect(() => rankItems(queries, gold, embeddings('i', 40, 5))).toThrow(
      'embeddings: got queries of width 3 and items of width 5, expected the same width',
    );
    expect(() => rankItems(queries, gold, { ...items, vectors: items.vectors.slice(1) })).toThrow(
      'embeddings: got 119 numbers, expected ids x width = 40 x 3.',
    );
    expect(() => rankItems(queries, gold.slice(1), items)).toThrow(
      'got ids for 299 queries, expected one for each of the 300',
    );
  });

  test('with the place of every relevant item, ties among them', () => {
    const wanted = queries.ids.map((_, at) => [items.ids[at % 40], items.ids[(at * 7 + 3) % 40]]);
    const twice = { ...items, vectors: items.vectors.slice() };
    twice.vectors.set(row(items, 0), 3 * 3); // i3 stands where i0 does
    const ranks = rankEveryItem(queries, wanted, twice);
    expect(ranks.map(({ places: _, ...rank }) => rank)).toEqual(rankItems(queries, wanted, twice));
    ranks.forEach(({ places }, at) => {
      const distinct = [...new Set(wanted[at])];
      expect(places).toHaveLength(distinct.length);
      distinct.forEach((id, which) => {
        const scores = items.ids.map((_, item) => cosine(row(queries, at), row(twice, item)));
        const own = scores[items.ids.indexOf(id)];
        const [before, tied] = [1e-6, -1e-6].map((near) => scores.filter((score) => score > own + near).length);
        expect(places![which]).toEqual({ before, tied: tied - before - 1 });
      });
    });
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
