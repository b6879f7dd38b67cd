import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import { checkEmbeddings, unitEmbeddings, unitVectors } from '../../src/search/unit-embeddings.js';

const width = 8;
const { normal } = randomStream(1, 'unit embeddings');
const drawn = Float32Array.from({ length: 5 * width }, normal);
const ids = ['a', 'b', 'c', 'd', 'e'];
const lengths = (vectors: Float32Array) =>
  Array.from({ length: vectors.length / width }, (_, row) =>
    Math.hypot(...vectors.subarray(row * width, (row + 1) * width)),
  );

describe('unitEmbeddings', () => {
  const unit = unitEmbeddings({ ids, vectors: drawn, width });

  test('scales rows to length one and turns none', () => {
    lengths(unit.vectors).forEach((length, row) => {
      expect(length).toBeCloseTo(1, 6);
      const scale = lengths(drawn)[row];
      for (let at = row * width; at < (row + 1) * width; at++)
        expect(unit.vectors[at] * scale).toBeCloseTo(drawn[at], 5);
    });
    expect(unit.ids).toBe(ids);
  });

  test('takes rows within 1e-3 of length one as they are, bit for bit, and others by themselves', () => {
    const near = { ids, vectors: unit.vectors.map((value) => value * (1 + 9e-4)), width };
    expect(unitEmbeddings(near)).toBe(near);
    const vectors = near.vectors.slice();
    for (let at = width; at < 2 * width; at++) vectors[at] *= 1 + 3e-4;
    const { vectors: mended } = unitEmbeddings({ ids, vectors, width });
    expect(lengths(mended)[1]).toBeCloseTo(1, 6);
    expect(mended.subarray(2 * width)).toEqual(vectors.subarray(2 * width));
    expect(mended.subarray(0, width)).toEqual(vectors.subarray(0, width));
  });

  test('with keep 0 scales those too', () => {
    const near = unit.vectors.map((value) => value * (1 + 9e-4));
    for (const length of lengths(unitVectors(near, width, String, { keep: 0 }))) expect(length).toBeCloseTo(1, 6);
  });

  test('the smallest and the largest numbers have a direction', () => {
    for (const size of [1e-40, 1e37]) {
      const { vectors } = unitEmbeddings({ ids: ['a'], vectors: Float32Array.of(3 * size, 4 * size), width: 2 });
      expect(vectors[0]).toBeCloseTo(0.6, 4);
    }
  });

  test('names the id without a direction', () => {
    for (const value of [0, Number.NaN, Number.NEGATIVE_INFINITY])
      expect(() => unitEmbeddings({ ids, vectors: drawn.slice().fill(value, 3 * width, 4 * width), width })).toThrow(
        'the embedding of d has no direction',
      );
  });
});

test('numbers that are not ids x width are refused', () => {
  const check = (vectors: Float32Array, of: number) => () => checkEmbeddings({ ids, vectors, width: of });
  expect(check(drawn, width)).not.toThrow();
  expect(check(drawn, 7)).toThrow('embeddings: got 40 numbers, expected ids x width = 5 x 7.');
  for (const wrong of [0, 1.5, Number.NaN]) expect(check(drawn, wrong)).toThrow(`got the width ${wrong}`);
});
