import { describe, expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { infoNce } from '../../src/losses/info-nce.js';

const width = 5;

function unitRows(count: number, name: string): number[][] {
  const { normal } = randomStream(2, name);
  return Array.from({ length: count }, () => {
    const row = Array.from({ length: width }, normal);
    const size = Math.hypot(...row);
    return row.map((value) => value / size);
  });
}

const dot = (a: number[], b: number[]) => a.reduce((sum, value, at) => sum + value * b[at], 0);
const ints = (values: number[]) => tf.tensor1d(values, 'int32');

/** The formula of the paper, written out: one query after the other, one negative after the other. */
function slow(
  queries: number[][],
  positives: number[],
  products: number[],
  pool: { row: number[]; product: number }[],
  temperature: number,
): number {
  const losses = queries.map((query, at) => {
    const positive = Math.exp(dot(query, pool[positives[at]].row) / temperature);
    const negatives = pool.filter(({ product }) => product !== products[at] && product >= 0);
    const rest = negatives.reduce((sum, { row }) => sum + Math.exp(dot(query, row) / temperature), 0);
    return -Math.log(positive / (positive + rest));
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

const [q, n, k] = [6, 4, 7];
const rows = { queries: unitRows(q, 'queries'), items: unitRows(n, 'items'), queue: unitRows(k, 'queue') };
const itemProducts = [10, 11, 12, 13];
const positives = [0, 1, 2, 3, 0, 2];
const queryProducts = positives.map((at) => itemProducts[at]);
const queueProducts = [10, 99, 12, -1, -1, 98, 97];

const input = (queue?: number[][]) => ({
  queries: tf.tensor2d(rows.queries),
  items: tf.tensor2d(rows.items),
  positiveOf: ints(positives),
  queryProducts: ints(queryProducts),
  itemProducts: ints(itemProducts),
  ...(queue ? { queue: { embeddings: tf.tensor2d(queue), products: ints(queueProducts) } } : {}),
});

const itemPool = rows.items.map((row, at) => ({ row, product: itemProducts[at] }));
const queuePool = rows.queue.map((row, at) => ({ row, product: queueProducts[at] }));
const total = (queue?: number[][], temperature = 0.1) =>
  infoNce(input(queue), tf.scalar(temperature)).total.dataSync()[0];

describe('infoNce', () => {
  test('equals the formula written out, with and without a queue', () => {
    expect(total()).toBeCloseTo(slow(rows.queries, positives, queryProducts, itemPool, 0.1), 4);
    const all = [...itemPool, ...queuePool];
    expect(total(rows.queue)).toBeCloseTo(slow(rows.queries, positives, queryProducts, all, 0.1), 4);
  });

  test("a queue's own products and empty places have no influence", () => {
    const changed = rows.queue.map((row, at) => ([3, 4].includes(at) ? row.map(() => 0.4) : row));
    expect(total(changed)).toBe(total(rows.queue));
  });

  test('the same product twice in a batch is not its own negative', () => {
    const twice = { ...input(), itemProducts: ints([10, 11, 12, 10]), queryProducts: ints([10, 11, 12, 10, 10, 12]) };
    const pool = rows.items.map((row, at) => ({ row, product: [10, 11, 12, 10][at] }));
    const expected = slow(rows.queries, positives, [10, 11, 12, 10, 10, 12], pool, 0.1);
    expect(infoNce(twice, tf.scalar(0.1)).total.dataSync()[0]).toBeCloseTo(expected, 4);
  });

  test('is safe at temperature 0.01: loss and gradient are finite', () => {
    const { queries, ...rest } = input(rows.queue);
    const { value, grad } = tf.valueAndGrad(
      (x: tf.Tensor) => infoNce({ ...rest, queries: x as tf.Tensor2D }, tf.scalar(0.01)).total,
    )(queries);
    expect(Number.isFinite(value.dataSync()[0])).toBe(true);
    expect(grad.dataSync().every(Number.isFinite)).toBe(true);
  });

  test('reports similarities and how often the positive is nearest', () => {
    const { positive, negative, accuracy } = infoNce(input(), tf.scalar(0.1));
    const similarity = rows.queries.map((query) => rows.items.map((item) => dot(query, item)));
    const own = similarity.map((line, at) => line[positives[at]]);
    const others = similarity.map((line, at) => line.filter((_, item) => item !== positives[at]));
    const mean = (values: number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
    expect(positive.dataSync()[0]).toBeCloseTo(mean(own), 5);
    expect(negative.dataSync()[0]).toBeCloseTo(mean(others.flat()), 5);
    expect(accuracy.dataSync()[0]).toBeCloseTo(
      mean(own.map((value, at) => Number(value > Math.max(...others[at])))),
      5,
    );
  });

  test('leaves only its record', async () => {
    const given = input(rows.queue);
    const temperature = tf.scalar(0.1);
    const { leaked } = await countLeaks(() => tf.dispose(tf.tidy(() => infoNce(given, temperature))));
    expect(leaked).toBe(0);
  });
});
