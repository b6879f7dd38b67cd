import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import { nearestItems } from '../../src/search/nearest-items.js';

const stream = randomStream(1, 'nearest-items');
const width = 6;
const drawn = (ids: string[]) => ({
  ids,
  width,
  vectors: Float32Array.from({ length: ids.length * width }, () => stream.normal()),
});

/** The slow obvious version. */
function slow(query: Float32Array, items: ReturnType<typeof drawn>, k: number, without: string) {
  const length = (vector: Float32Array) => Math.hypot(...vector);
  const all = new Map<string, number>();
  items.ids.forEach((id, at) => {
    const item = items.vectors.subarray(at * width, (at + 1) * width);
    const cosine = query.reduce((sum, one, axis) => sum + one * item[axis], 0) / (length(query) * length(item));
    if (id !== without) all.set(id, Math.max(all.get(id) ?? -2, cosine));
  });
  return [...all].sort(([, a], [, b]) => b - a).slice(0, k);
}

test('finds what comparing with every item finds, whatever the lengths; its own id is left out, of equal ids the best counts', async () => {
  const items = drawn(Array.from({ length: 60 }, (_, at) => `p${at % 50}`));
  const queries = drawn(['p3', 'p7', 'elsewhere']);
  const { result, leaked } = await countLeaks(() => nearestItems(queries, items, 5));
  expect(leaked).toBe(0);
  result.forEach(({ query, nearest }, at) => {
    const expected = slow(queries.vectors.subarray(at * width, (at + 1) * width), items, 5, query);
    expect(nearest.map(({ id }) => id)).toEqual(expected.map(([id]) => id));
    nearest.forEach(({ similarity }, place) => void expect(similarity).toBeCloseTo(expected[place][1], 5));
  });
});

test('of fewer items than asked for it gives all; wrong sides and counts are refused', () => {
  const items = drawn(['a', 'b']);
  expect(nearestItems(drawn(['a', 'c']), items).map(({ nearest }) => nearest.length)).toEqual([1, 2]);
  expect(() => nearestItems(items, items, 0)).toThrow('k: got 0');
  expect(() => nearestItems({ ...items, width: 3 }, items)).toThrow('width');
});
