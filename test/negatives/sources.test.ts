import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { checkNegatives, type NegativesOption, sourceUse } from '../../src/negatives/options.js';
import { queueActive } from '../../src/negatives/queue.js';
import { itemMasks, otherProducts } from '../../src/negatives/sources.js';
import { groupRows } from '../../src/negatives/spatial.js';
import { negativesOf, plain, upload } from '../losses/rows.js';

test('masks are who is whose negative, found one by one', () => {
  const { queue, ...items } = plain;
  const input = upload(plain);
  const masks = itemMasks(input);
  const past = otherProducts(input.queryProducts, input.queue!.products).arraySync() as unknown as number[][];
  plain.queries.forEach((_, query) => {
    const expected = negativesOf(items, query);
    for (const [source, mask] of Object.entries(masks)) {
      const marked = (mask.arraySync() as unknown as number[][])[query].flatMap((on, row) =>
        on ? [plain.items[row]] : [],
      );
      expect(marked).toEqual(expected.filter((each) => each.source === source).map(({ row }) => row));
    }
    const kept = queue!.products.map((product) =>
      Number(product >= 0 && !plain.queryProducts[query].includes(product)),
    );
    expect(past[query].map(Number)).toEqual(kept);
  });
});

test('labels of one positive may be one-dimensional', () => {
  const first = (rows: number[][]) => rows.map(([label]) => [label]);
  const columns = {
    ...plain,
    positiveOf: first(plain.positiveOf),
    queryProducts: first(plain.queryProducts),
    hardOf: first(plain.hardOf!),
  };
  const flat = (labels: tf.Tensor) => tf.reshape(labels, [-1]) as tf.Tensor1D;
  const input = upload(columns);
  const { positiveOf, queryProducts, hardOf } = input;
  const lines = { positiveOf: flat(positiveOf), queryProducts: flat(queryProducts), hardOf: flat(hardOf!) };
  const [a, b] = [itemMasks(input), itemMasks({ ...input, ...lines })];
  for (const source of ['inBatch', 'hard', 'spatial'] as const)
    expect(a[source]!.arraySync()).toEqual(b[source]!.arraySync());
});

test('masks leave nothing behind', async () => {
  const input = upload(plain);
  const { leaked } = await countLeaks(() => {
    tf.dispose(itemMasks(input));
    otherProducts(input.queryProducts, input.itemProducts).dispose();
  });
  expect(leaked).toBe(0);
});

test('groups are as equal as can be, rows beside each other', () => {
  expect([...groupRows(8, 4)]).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  expect([...groupRows(3, 1)]).toEqual([0, 0, 0]);
  for (const [count, groups] of [
    [10, 4],
    [7, 7],
    [5, 2],
  ]) {
    const sizes = new Map<number, number>();
    for (const group of groupRows(count, groups)) sizes.set(group, (sizes.get(group) ?? 0) + 1);
    expect([...sizes.keys()]).toEqual(Array.from({ length: groups }, (_, at) => at));
    expect(Math.max(...sizes.values()) - Math.min(...sizes.values())).toBeLessThanOrEqual(1);
  }
});

const option: NegativesOption = {
  inBatch: { kind: 'batch' },
  hard: { kind: 'same-category', weight: 2 },
  spatial: { kind: 'none', groups: 2 },
  temporal: { kind: 'queue', size: 64, start: 0.1, weight: 0.5 },
};

test('an option becomes weights: 0 where a source is off', () => {
  expect(sourceUse(option)).toEqual({ weights: { inBatch: 1, hard: 2, spatial: 0, temporal: 0.5 } });
  const none = { kind: 'none' } as const;
  expect(sourceUse({ inBatch: none, hard: none, spatial: { kind: 'gathered' }, temporal: none })).toEqual({
    weights: { inBatch: 0, hard: 0, spatial: 1, temporal: 0 },
  });
});

test('the queue counts after its warm-up', () => {
  const counts = (step: number) => queueActive(option.temporal, step, 50);
  expect([0, 4, 5, 49].map(counts)).toEqual([false, false, true, true]);
  expect(queueActive({ kind: 'none' }, 49, 50)).toBe(false);
  expect(queueActive({ kind: 'queue', size: 0, start: 0 }, 49, 50)).toBe(false);
});

test('a wrong option is refused', () => {
  const refused = (change: object) => expect(() => checkNegatives({ ...option, ...change }));
  refused({}).not.toThrow();
  refused({ inBatch: { kind: 'all' } }).toThrow('inBatch.kind: got "all", expected one of batch | none.');
  refused({ spatial: { kind: 'workers' } }).toThrow('spatial.kind: got "workers", expected one of gathered | none.');
  refused({ spatial: { kind: 'gathered', groups: 0 } }).toThrow('spatial.groups: got 0');
  refused({ temporal: { kind: 'memory' } }).toThrow('temporal.kind: got "memory", expected one of queue | none.');
  refused({ temporal: { kind: 'queue', size: 1.5, start: 0 } }).toThrow('temporal.size: got 1.5');
  refused({ temporal: { kind: 'queue', size: 8, start: 5 } }).toThrow('temporal.start: got 5');
  refused({ hard: { kind: 'mined', weight: -1 } }).toThrow('negatives.hard.weight: got -1');
});
