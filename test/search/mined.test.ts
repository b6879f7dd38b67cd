import { describe, expect, test } from 'vitest';
import { productNumbers } from '../../src/data/product-numbers.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import { describeHard } from '../../src/negatives/hard.js';
import { mineHard } from '../../src/search/mined.js';
import { dot, unitRows } from '../losses/rows.js';

describe('mineHard', () => {
  const rows = unitRows(40, 'embeddings', 3);
  const names = rows.map((_, at) => `p${at}`);
  const marked = productNumbers(names, [['p3', 'p17', 'p30']]);
  const embeddings = { ids: names, vectors: Float32Array.from(rows.flat()), width: 3 };

  test('gives the nearest of other products below the ceiling: one product after the other', () => {
    for (const [nearest, ceiling] of [
      [5, 0.9],
      [3, 0.2],
      [100, 1],
    ]) {
      const { of, without } = mineHard(embeddings, marked, { nearest, ceiling });
      names.forEach((id, at) => {
        const expected = names
          .map((other, row) => ({ other, similarity: dot(rows[at], rows[row]) }))
          .filter(({ other, similarity }) => marked.get(other) !== marked.get(id) && similarity < ceiling)
          .sort((a, b) => b.similarity - a.similarity)
          .slice(0, nearest)
          .map(({ other }) => other);
        expect(of.get(id) ?? []).toEqual(expected);
        expect(without.includes(id)).toBe(expected.length === 0);
      });
    }
  });

  test('a network to which all look alike has no hard negatives, and says so', () => {
    const alike = { ids: ['a', 'b'], vectors: Float32Array.from([1, 0, 1, 0]), width: 2 };
    const candidates = mineHard(alike, productNumbers(alike.ids));
    expect(candidates.of.size).toBe(0);
    expect(describeHard(candidates)).toBe('2 have no hard negative (a, b).');
  });

  test('compares angles, whatever the lengths', () => {
    const { normal } = randomStream(3, 'lengths');
    const size = names.map(() => Math.exp(2 * normal()));
    const stretched = {
      ...embeddings,
      vectors: embeddings.vectors.map((value, at) => value * size[Math.floor(at / 3)]),
    };
    const options = { nearest: 5, ceiling: 0.9 };
    expect([...mineHard(stretched, marked, options).of]).toEqual([...mineHard(embeddings, marked, options).of]);
  });

  test('an embedding without a direction is refused by name, and nothing stays behind', async () => {
    const spoilt = { ...embeddings, vectors: embeddings.vectors.map((value, at) => (at === 7 ? Number.NaN : value)) };
    expect(() => mineHard(spoilt, marked)).toThrow('the embedding of p2 has no direction (length NaN)');
    expect(() => mineHard({ ...embeddings, width: 4 }, marked)).toThrow(
      'got 120 numbers, expected ids x width = 40 x 4',
    );
    const { leaked } = await countLeaks(() => mineHard(embeddings, marked));
    expect(leaked).toBe(0);
  });
});
