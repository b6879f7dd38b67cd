import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rankWithMargin } from '../../src/search/rank-with-margin.js';
import { alignment } from '../../src/tasks/kinds/alignment.js';
import { chanceOf } from '../../src/tasks/kinds/chance.js';

const WIDTH = 3;
const vector = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: WIDTH, maxLength: WIDTH })
  .map((v) => {
    v[0] += 2;
    return v;
  });
const vectors = (min: number) => fc.array(vector, { minLength: min, maxLength: 8 });

const embeddings = (rows: number[][], name: string) => ({
  ids: rows.map((_, at) => `${name}${at}`),
  vectors: Float32Array.from(rows.flat()),
  width: WIDTH,
});

const cosine = (a: number[], b: number[]) => {
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, at) => sum + value * y[at], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

test('the margin is the best right cosine minus the mean of the wrong ones', () => {
  fc.assert(
    fc.property(vectors(1), vectors(3), fc.integer({ min: 1, max: 2 }), (queries, items, right) => {
      const gold = queries.map((_, at) => Array.from({ length: right }, (_, more) => `i${(at + more) % items.length}`));
      const found = rankWithMargin(embeddings(queries, 'q'), gold, embeddings(items, 'i'));
      found.forEach(({ value }, at) => {
        const all = items.map((item) => cosine(queries[at], item));
        const isRight = (row: number) => gold[at].includes(`i${row}`);
        const wrong = all.filter((_, row) => !isRight(row));
        const best = Math.max(...all.filter((_, row) => isRight(row)));
        expect(value).toBeCloseTo(best - wrong.reduce((sum, each) => sum + each, 0) / wrong.length, 5);
      });
    }),
  );
});

test('equal embeddings, or nothing else to choose, have none: chance is 0', () => {
  const same = [[1, 2, 3]];
  const items = embeddings([...same, ...same, ...same], 'i');
  expect(rankWithMargin(embeddings(same, 'q'), [['i1']], items)[0].value).toBeCloseTo(0, 6);
  expect(rankWithMargin(embeddings(same, 'q'), [['i0']], embeddings(same, 'i'))[0].value).toBe(0);
  expect(
    chanceOf({
      kind: alignment.name,
      asks: [{ gold: ['i1'] }],
      items: items.ids.map((id) => ({ id, input: undefined as never })),
    }),
  ).toEqual({ margin: 0 });
});
