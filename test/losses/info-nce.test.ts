import { describe, expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { type InfoNceOptions, infoNce } from '../../src/losses/info-nce.js';
import { sourceNames } from '../../src/negatives/options.js';
import type { ContrastiveInput, SourceWeights } from '../../src/negatives/sources.js';
import { differences, dot, mean, negativesOf, numberOf, type PlainInput, plain, unitRows, upload } from './rows.js';

/** The formula of the paper, written out: one query after the other, one negative after the other, in double precision. */
function slow(
  input: PlainInput,
  temperature: number,
  { weights = {}, symmetric, smoothing = 0 }: InfoNceOptions = {},
): number {
  const term = (positive: number, negatives: { similarity: number; weight: number }[]) => {
    const exp = (similarity: number) => Math.exp(similarity / temperature);
    const rest = negatives.reduce((sum, { similarity, weight }) => sum + weight * exp(similarity), 0);
    return -Math.log(exp(positive) / (exp(positive) + rest));
  };
  const weightOf = (source: keyof SourceWeights) => weights[source] ?? 1;
  const forth = input.queries.map((query, at) => {
    const negatives = negativesOf(input, at).map(({ source, row }) => ({
      source,
      similarity: dot(query, row),
      weight: weightOf(source),
    }));
    // Label smoothing: cross-entropy with a target that gives every choice of the step its part.
    const choices = negatives
      .filter(({ source, weight }) => source !== 'temporal' && weight)
      .map(({ similarity }) => similarity);
    const smooth = (positive: number) => {
      const zero = term(positive, negatives) + positive / temperature;
      const parts = [positive, ...choices].map((similarity) => zero - similarity / temperature);
      return (1 - smoothing) * term(positive, negatives) + smoothing * mean(parts);
    };
    return mean(input.positiveOf[at].filter((row) => row >= 0).map((row) => smooth(dot(query, input.items[row]))));
  });
  if (!symmetric) return mean(forth);
  const back = input.queries.map((query, at) =>
    mean(
      input.positiveOf[at]
        .filter((row) => row >= 0)
        .map((row) => {
          const negatives = input.queries.flatMap((other, from) => {
            if (input.queryProducts[from].includes(input.itemProducts[row])) return [];
            const near = !input.queryGroups || input.queryGroups[from] === input.itemGroups![row];
            return [{ similarity: dot(other, input.items[row]), weight: weightOf(near ? 'inBatch' : 'spatial') }];
          });
          return term(dot(query, input.items[row]), negatives);
        }),
    ),
  );
  return (mean(forth) + mean(back)) / 2;
}

const total = (input: PlainInput, temperature: number, options?: InfoNceOptions) =>
  numberOf(infoNce(upload(input), tf.scalar(temperature), options).total);

const cases: Record<string, [Partial<PlainInput>, InfoNceOptions]> = {
  'all sources': [{}, {}],
  'the paper: one positive, one group, no queue': [
    {
      queryGroups: undefined,
      itemGroups: undefined,
      queue: undefined,
      positiveOf: plain.positiveOf.map(([row]) => [row]),
    },
    {},
  ],
  'no hard negatives': [{ hardOf: undefined }, {}],
  'weights by source': [{}, { weights: { inBatch: 0.5, hard: 3, spatial: 0.25, temporal: 2 } }],
  'both ways': [{}, { symmetric: true, weights: { inBatch: 2, spatial: 0.5 } }],
  'a smoothed target': [{}, { smoothing: 0.1 }],
  'a smoothed target without negatives in the step': [
    { hardOf: undefined },
    { smoothing: 0.3, weights: { inBatch: 0, spatial: 0 } },
  ],
  'both ways in one group': [{ queryGroups: undefined, itemGroups: undefined }, { symmetric: true }],
};

describe.each(Object.entries(cases))('%s', (_, [changes, options]) => {
  const input = { ...plain, ...changes };

  test.each([1, 0.1, 0.03])('equals the formula written out at temperature %d', (temperature) => {
    const expected = slow(input, temperature, options);
    expect(total(input, temperature, options) / expected).toBeCloseTo(1, 5);
  });

  test('has its gradient, for queries, items and temperature', () => {
    const given = upload(input);
    const [queries, items, temperature] = tf.grads((...rows: tf.Tensor[]) => {
      const [queries, items] = rows as tf.Tensor2D[];
      return infoNce({ ...given, queries, items }, rows[2] as tf.Scalar, options).total;
    })([given.queries, given.items, tf.scalar(0.2)]);
    const close = (gradient: tf.Tensor, expected: number[]) =>
      gradient.dataSync().forEach((value, at) => {
        expect(value).toBeCloseTo(expected[at], 4);
      });
    close(
      queries,
      differences(input.queries, (queries) => slow({ ...input, queries }, 0.2, options)),
    );
    close(
      items,
      differences(input.items, (items) => slow({ ...input, items }, 0.2, options)),
    );
    close(
      temperature,
      differences([[0.2]], ([[value]]) => slow(input, value, options)),
    );
  });
});

test('every source can be off, alone or in any mix', () => {
  for (let mix = 0; mix < 16; mix++) {
    const weights = Object.fromEntries(sourceNames.map((source, bit) => [source, (mix >> bit) & 1]));
    const record = infoNce(upload(plain), tf.scalar(0.1), { weights });
    expect(numberOf(record.total)).toBeCloseTo(slow(plain, 0.1, { weights }), 4);
    for (const source of sourceNames) expect(`${source}Count` in record).toBe(weights[source] === 1);
  }
});

test('is safe at temperature 0.01: loss and gradient are right where exponentials leave single precision', () => {
  const given = upload(plain);
  const { value, grad } = tf.valueAndGrad(
    (x: tf.Tensor) => infoNce({ ...given, queries: x as tf.Tensor2D }, tf.scalar(0.01), { symmetric: true }).total,
  )(given.queries);
  expect(numberOf(value) / slow(plain, 0.01, { symmetric: true })).toBeCloseTo(1, 4);
  expect(grad.dataSync().every(Number.isFinite)).toBe(true);
});

describe('what has no influence', () => {
  test('a queue of length 0 equals no queue', () => {
    const queue = { embeddings: tf.zeros<tf.Rank.R2>([0, 5]), products: tf.zeros<tf.Rank.R1>([0], 'int32') };
    const with0 = infoNce({ ...upload(plain), queue }, tf.scalar(0.1));
    const without = infoNce(upload({ ...plain, queue: undefined }), tf.scalar(0.1));
    expect(Object.keys(with0)).toEqual(Object.keys(without));
    for (const name of Object.keys(with0)) expect(numberOf(with0[name])).toBe(numberOf(without[name]));
  });

  test("a queue's own products and empty places", () => {
    const changed = plain.queue!.embeddings.map((row, at) => ([3, 4].includes(at) ? row.map(() => 0.4) : row));
    const queue = { ...plain.queue!, embeddings: changed };
    expect(total({ ...plain, queue }, 0.1)).toBe(total(plain, 0.1));
  });

  test('a marked duplicate: no loss and no gradient between what shares a number', () => {
    const alone = {
      ...plain,
      queries: [plain.queries[3]],
      positiveOf: [[3]],
      queryProducts: [[13]],
      hardOf: undefined,
      queue: undefined,
      queryGroups: undefined,
      itemGroups: undefined,
    };
    const moved = { ...alone, items: plain.items.map((row, at) => (at === 9 ? plain.queries[3] : row)) };
    expect(total(moved, 0.1)).toBe(total(alone, 0.1));
    const given = upload(alone);
    const gradient = tf.grad((items) => infoNce({ ...given, items: items as tf.Tensor2D }, tf.scalar(0.1)).total)(
      given.items,
    );
    const rows = gradient.arraySync() as number[][];
    expect(rows[9].every((value) => value === 0)).toBe(true);
    expect(rows[8].some((value) => value !== 0)).toBe(true);
  });
});

describe('the record', () => {
  const record = infoNce(upload(plain), tf.scalar(0.1));
  const pairs = plain.queries.map((query, at) => ({
    positives: plain.positiveOf[at].filter((row) => row >= 0).map((row) => dot(query, plain.items[row])),
    negatives: negativesOf(plain, at).map(({ source, row }) => ({ source, similarity: dot(query, row) })),
  }));

  test('has similarities, counts and how often a positive is nearest', () => {
    const all = pairs.flatMap(({ negatives }) => negatives.map(({ similarity }) => similarity));
    const hits = pairs.map(({ positives, negatives }) =>
      Number(Math.max(...positives) > Math.max(...negatives.map(({ similarity }) => similarity))),
    );
    expect(numberOf(record.positive)).toBeCloseTo(mean(pairs.map(({ positives }) => mean(positives))), 5);
    expect(numberOf(record.negative)).toBeCloseTo(mean(all), 5);
    expect(numberOf(record.negatives)).toBeCloseTo(all.length / 8, 5);
    expect(numberOf(record.accuracy)).toBeCloseTo(mean(hits), 5);
  });

  test('has them by source, with the share of the pull', () => {
    const exp = (pair: { similarity: number }) => Math.exp(pair.similarity / 0.1);
    for (const source of sourceNames) {
      const own = pairs.map(({ negatives }) => negatives.filter((each) => each.source === source));
      const shares = pairs.map(({ negatives }, at) => {
        const sum = (of: { similarity: number }[]) => of.reduce((total, pair) => total + exp(pair), 0);
        return sum(own[at]) / sum(negatives);
      });
      expect(numberOf(record[`${source}Count`])).toBeCloseTo(own.flat().length / 8, 5);
      expect(numberOf(record[`${source}Similarity`])).toBeCloseTo(mean(own.flat().map((each) => each.similarity)), 5);
      expect(numberOf(record[`${source}Share`])).toBeCloseTo(mean(shares), 4);
    }
  });
});

describe('input that has little to tell apart', () => {
  const one: PlainInput = {
    queries: unitRows(1, 'a'),
    items: unitRows(1, 'b'),
    positiveOf: [[0]],
    queryProducts: [[7]],
    itemProducts: [7],
  };
  const same: PlainInput = {
    ...plain,
    queryProducts: plain.queries.map(() => [7]),
    itemProducts: plain.items.map(() => 7),
    queue: { ...plain.queue!, products: plain.queue!.products.map(() => 7) },
  };

  test.each([
    ['a batch of one', one],
    ['all products equal', same],
  ])('%s: no negatives, loss and gradient 0', (_, input) => {
    const given = upload(input);
    for (const symmetric of [false, true]) {
      const record = infoNce(given, tf.scalar(0.07), { symmetric });
      expect([record.total, record.negative, record.negatives].map(numberOf)).toEqual([0, 0, 0]);
      expect(numberOf(record.accuracy)).toBe(1);
      const gradient = tf.grad(
        (x) => infoNce({ ...given, queries: x as tf.Tensor2D }, tf.scalar(0.07), { symmetric }).total,
      )(given.queries);
      expect(gradient.dataSync().every((value) => value === 0)).toBe(true);
    }
  });

  test('a batch of one with a queue is told from the queue', () => {
    const input = { ...one, queue: plain.queue };
    expect(total(input, 0.1)).toBeCloseTo(slow(input, 0.1), 4);
  });

  test('a queue longer than all items holds products several times: each copy counts, the own ones do not', () => {
    const queue = {
      embeddings: unitRows(40, 'long queue'),
      products: Array.from({ length: 40 }, (_, at) => 10 + (at % 3)),
    };
    const input = { ...plain, queue };
    expect(total(input, 0.1)).toBeCloseTo(slow(input, 0.1), 4);
  });

  test('padding: empty items and queries without a positive do not count', () => {
    const padded: PlainInput = {
      ...plain,
      queries: [...plain.queries, ...unitRows(2, 'padding')],
      items: [...plain.items, ...unitRows(3, 'padding')],
      positiveOf: [...plain.positiveOf, [-1, -1], [-1, -1]],
      queryProducts: [...plain.queryProducts, [-1, -1], [-1, -1]],
      itemProducts: [...plain.itemProducts, -1, -1, -1],
      hardOf: [...plain.hardOf!, [-1, -1], [-1, -1]],
      queryGroups: [...plain.queryGroups!, 1, 1],
      itemGroups: [...plain.itemGroups!, 1, 1, 1],
    };
    const [with5, without] = [padded, plain].map((input) =>
      infoNce(upload(input), tf.scalar(0.1), { symmetric: true }),
    );
    for (const name of Object.keys(without))
      expect(numberOf(with5[name]), name).toBeCloseTo(numberOf(without[name]), 5);
  });

  test.each(['queries', 'items', 'queue'] as const)(
    'an embedding that is not finite among the %s shows as NaN',
    (where) => {
      const given = upload(plain);
      const spoilt = (rows: tf.Tensor2D) =>
        tf.where(tf.equal(rows, rows.arraySync()[1][1]), Number.NaN, rows) as tf.Tensor2D;
      const input: ContrastiveInput =
        where === 'queue'
          ? { ...given, queue: { ...given.queue!, embeddings: spoilt(given.queue!.embeddings) } }
          : { ...given, [where]: spoilt(given[where]) };
      expect(numberOf(infoNce(input, tf.scalar(0.1)).total)).toBeNaN();
    },
  );

  test('a wrong weight is refused', () => {
    expect(() => infoNce(upload(plain), tf.scalar(0.1), { weights: { hard: -1 } })).toThrow('weights.hard: got -1');
    expect(() => infoNce(upload(plain), tf.scalar(0.1), { weights: { queue: 1 } as SourceWeights })).toThrow(
      'weights: got "queue"',
    );
  });
});

test('no gradient reaches the queue', () => {
  const given = upload(plain);
  const loss = (past: tf.Tensor) =>
    infoNce({ ...given, queue: { ...given.queue!, embeddings: past as tf.Tensor2D } }, tf.scalar(0.1)).total;
  expect(() => tf.grad(loss)(given.queue!.embeddings)).toThrow('Cannot compute gradient');
});

test('leaves only its record, and its gradient only itself', async () => {
  const given = upload(plain);
  const temperature = tf.scalar(0.1);
  const { leaked } = await countLeaks(() => {
    tf.dispose(infoNce(given, temperature, { symmetric: true }));
    const loss = (queries: tf.Tensor) => infoNce({ ...given, queries: queries as tf.Tensor2D }, temperature).total;
    tf.dispose(tf.grad(loss)(given.queries));
  });
  expect(leaked).toBe(0);
});
