import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import type { SourceName } from '../../src/negatives/options.js';
import type { ContrastiveInput } from '../../src/negatives/sources.js';

export function unitRows(count: number, name: string, width = 5): number[][] {
  const { normal } = randomStream(2, name);
  return Array.from({ length: count }, () => {
    const row = Array.from({ length: width }, normal);
    const size = Math.hypot(...row);
    return row.map((value) => value / size);
  });
}

export const dot = (a: number[], b: number[]) => a.reduce((sum, value, at) => sum + value * b[at], 0);
export const mean = (values: number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
export const ints = (values: number[]) => tf.tensor1d(values, 'int32');
export const numberOf = (scalar: tf.Tensor) => scalar.dataSync()[0];

/** An input of a contrastive loss as plain arrays. */
export interface PlainInput {
  queries: number[][];
  items: number[][];
  positiveOf: number[][];
  queryProducts: number[][];
  itemProducts: number[];
  hardOf?: number[][];
  queryGroups?: number[];
  itemGroups?: number[];
  queue?: { embeddings: number[][]; products: number[] };
}

export function upload(plain: PlainInput): ContrastiveInput {
  const { queue, queryGroups, itemGroups, hardOf } = plain;
  return {
    queries: tf.tensor2d(plain.queries),
    items: tf.tensor2d(plain.items),
    positiveOf: tf.tensor2d(plain.positiveOf, undefined, 'int32'),
    queryProducts: tf.tensor2d(plain.queryProducts, undefined, 'int32'),
    itemProducts: ints(plain.itemProducts),
    ...(hardOf ? { hardOf: tf.tensor2d(hardOf, undefined, 'int32') } : {}),
    ...(queryGroups ? { queryGroups: ints(queryGroups) } : {}),
    ...(itemGroups ? { itemGroups: ints(itemGroups) } : {}),
    ...(queue ? { queue: { embeddings: tf.tensor2d(queue.embeddings), products: ints(queue.products) } } : {}),
  };
}

/** Every negative of a query with its source, found one by one. */
export function negativesOf(
  input: PlainInput,
  query: number,
): { source: SourceName; row: number[]; product: number }[] {
  const own = new Set(input.queryProducts[query]);
  const found: { source: SourceName; row: number[]; product: number }[] = [];
  input.items.forEach((row, item) => {
    const product = input.itemProducts[item];
    if (own.has(product) || product < 0 || input.positiveOf[query].includes(item)) return;
    const isHard = input.hardOf?.[query].includes(item);
    const near = !input.queryGroups || !input.itemGroups || input.queryGroups[query] === input.itemGroups[item];
    found.push({ source: isHard ? 'hard' : near ? 'inBatch' : 'spatial', row, product });
  });
  input.queue?.embeddings.forEach((row, place) => {
    const product = input.queue!.products[place];
    if (product >= 0 && !own.has(product)) found.push({ source: 'temporal', row, product });
  });
  return found;
}

/** Two groups of four queries and six items, two hard negatives that nobody bought among them, and a queue with empty places. */
export const plain: PlainInput = {
  queries: unitRows(8, 'queries'),
  items: unitRows(12, 'items'),
  // The second query bought two products, the fourth one whose duplicate is item 9.
  positiveOf: [
    [0, -1],
    [1, 2],
    [2, -1],
    [3, -1],
    [6, -1],
    [7, -1],
    [8, -1],
    [6, -1],
  ],
  queryProducts: [
    [10, 10],
    [11, 12],
    [12, 12],
    [13, 13],
    [16, 16],
    [17, 17],
    [18, 18],
    [16, 16],
  ],
  itemProducts: [10, 11, 12, 13, 14, 15, 16, 17, 18, 13, 20, 21],
  hardOf: [
    [4, -1],
    [4, 5],
    [3, -1],
    [-1, -1],
    [10, 7],
    [11, -1],
    [10, -1],
    [11, -1],
  ],
  queryGroups: [0, 0, 0, 0, 1, 1, 1, 1],
  itemGroups: [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1],
  queue: { embeddings: unitRows(9, 'queue'), products: [10, 99, 12, -1, -1, 98, 16, 13, 21] },
};

/** Derivatives of `value` by every number of `rows`, by central differences in double precision. */
export function differences(rows: number[][], value: (rows: number[][]) => number, step = 1e-5): number[] {
  return rows.flatMap((row, at) =>
    row.map((_, place) => {
      const moved = (by: number) =>
        value(rows.map((each, i) => (i === at ? each.map((x, j) => (j === place ? x + by : x)) : each)));
      return (moved(step) - moved(-step)) / (2 * step);
    }),
  );
}
