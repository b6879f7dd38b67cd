import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../src/engine/random.js';
import * as tf from '../../../src/engine/tf.js';
import { PREFERENCES } from '../../../src/losses/loss-weights.js';
import { TEMPERATURE } from '../../../src/losses/temperature.js';
import type { DualAlignment } from '../../../src/objectives/dual/option.js';
import { dualLoss } from '../../../src/objectives/dual/step.js';
import { dot, ints, mean, numberOf, unitRows } from '../../losses/rows.js';

const [length, experts] = [4, 3];
const stream = randomStream(4, 'dual loss');
const uniform = (count: number) => Array.from({ length: count }, () => stream.uniform());

/** Three products, each asked by picture, text and both; the hard negative of each is one of three more items. */
const plain = {
  queries: unitRows(9, 'queries'),
  items: unitRows(6, 'items'),
  images: unitRows(6, 'images'),
  texts: unitRows(6, 'texts'),
  positiveOf: [0, 0, 0, 1, 1, 1, 2, 2, 2],
  hardOf: [3, 3, 3, 4, 4, 4, -1, -1, -1],
  numbers: [10, 11, 12, 13, 14, 15],
  /** The last query of each form is of another form: a product without a photo is asked by text. */
  forms: ['image', 'text', 'product', 'image', 'text', 'product', 'text', 'text', 'product'],
  right: [1, 1, 1, 0, 1, 1, 1, 1, 1],
  present: [1, 1, 0, 1, 1, 0],
  against: Array.from({ length: 6 }, (_, row) => Array.from({ length: 6 }, (_, other) => Number(row !== other))),
  preferences: Array.from({ length: experts }, () => uniform(5)),
  mask: [[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0], ...Array.from({ length: 6 }, () => [1, 1, 1, 0])],
  /** Gates of every token: two of three experts, which sum to 1. */
  gates: Array.from({ length: 9 * length }, () => {
    const first = 0.5 + 0.5 * stream.uniform();
    const [a, b] = stream.shuffle([0, 1, 2]);
    return { choices: [a, b], gates: [first, 1 - first] };
  }),
  progress: 0.25,
};

const temperature = 0.2;
const names = ['image', 'text', 'product', 'textToImage', 'imageToText'] as const;
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The formulas written out, query after query. */
function slow(option: DualAlignment) {
  const { queries, items, numbers, positiveOf, hardOf, forms, present } = plain;
  const reliable = queries.map((query, at) => {
    const { reliability } = option;
    if (reliability.kind === 'one') return 1;
    if (reliability.kind === 'oracle') return plain.right[at];
    if (hardOf[at] < 0) return 1;
    const margin = reliability.margin + plain.progress * (reliability.end - reliability.margin);
    const apart = dot(query, items[positiveOf[at]]) - dot(query, items[hardOf[at]]);
    const phi = sigmoid(reliability.kappa * (apart - margin));
    return phi < reliability.threshold ? phi : 1;
  });
  const nce = (at: number, offered: number[][]) => {
    const exp = (item: number) => Math.exp(dot(queries[at], offered[item]) / temperature);
    const own = positiveOf[at];
    const others = numbers.map((_, item) => item).filter((item) => numbers[item] !== numbers[own]);
    return -Math.log(exp(own) / (exp(own) + others.reduce((sum, item) => sum + exp(item), 0)));
  };
  const members = names.slice(0, option.directions ? 5 : 3).map((name) =>
    queries.flatMap((_, at) => {
      const both = present[positiveOf[at]];
      const takes = {
        image: forms[at] === 'image',
        text: forms[at] === 'text',
        product: forms[at] === 'product',
        textToImage: forms[at] === 'text' && both,
        imageToText: forms[at] === 'image' && both,
      };
      return takes[name] ? at : [];
    }),
  );
  const offered = [items, items, items, plain.images, plain.texts];
  const losses = members.map((own, objective) =>
    own.length ? mean(own.map((at) => reliable[at] * nce(at, offered[objective]))) : 0,
  );
  const gateOf = (at: number) => {
    const real = plain.mask[at].flatMap((is, place) => (is ? plain.gates[at * length + place] : []));
    return Array.from({ length: experts }, (_, expert) =>
      mean(real.map(({ choices, gates }) => gates[choices.indexOf(expert)] ?? 0)),
    );
  };
  const preferred = plain.preferences.map((row) => {
    const exps = row.slice(0, members.length).map(Math.exp);
    const sum = exps.reduce((a, b) => a + b);
    return exps.map((each) => each / sum);
  });
  const weights = members.map((own, objective) => {
    if (option.weights.kind === 'equal') return 1 / members.length;
    if (option.weights.kind === 'fixed') {
      const given = option.weights.proportions;
      const all = names.slice(0, members.length).map((name) => given[name]);
      return all[objective] / all.reduce((a, b) => a + b);
    }
    return mean(
      own.map((at) => gateOf(at).reduce((sum, gate, expert) => sum + gate * preferred[expert][objective], 0)),
    );
  });
  const inter = losses.reduce((sum, loss, at) => sum + loss * weights[at], 0);
  const entropy = mean(preferred.map((row) => -row.reduce((sum, p) => sum + p * Math.log(p), 0)));
  const reads = option.weights.kind === 'preference' || option.weights.kind === 'stopped';
  let intra = 0;
  if (option.intra.kind === 'own-text') {
    const own = option.intra;
    const ofRow = (row: number) => {
      const exp = (text: number) => Math.exp(dot(plain.images[row], plain.texts[text]) / own.temperature);
      const rest = numbers.flatMap((_, text) => (text !== row && present[text] ? exp(text) : []));
      const both = 'multiplies' in option.reliability && option.reliability.multiplies === 'both';
      const bought = reliable.filter((_, at) => positiveOf[at] === row);
      const factor = both && bought.length ? mean(bought) : 1;
      return factor * -Math.log(exp(row) / (exp(row) + rest.reduce((a, b) => a + b)));
    };
    intra = own.weight * mean(numbers.flatMap((_, row) => (present[row] ? ofRow(row) : [])));
  }
  return { weights, losses, total: inter + intra + (reads ? option.sparsity * entropy : 0) };
}

function fast(option: DualAlignment, preferences: tf.Tensor = tf.tensor2d(columns(option))) {
  const count = option.directions ? 5 : 3;
  const members = names.slice(0, count).map((name) =>
    plain.queries.map((_, at) => {
      const both = plain.present[plain.positiveOf[at]];
      const form = { textToImage: 'text', imageToText: 'image' }[name as 'textToImage'] ?? name;
      return Number(plain.forms[at] === form && (form === name || both));
    }),
  );
  const tokens = plain.gates.length;
  const choices = tf.tensor2d(
    plain.gates.map((each) => each.choices),
    [tokens, 2],
    'int32',
  );
  const gates = tf.tensor2d(plain.gates.map((each) => each.gates));
  const routing = { probabilities: tf.zeros([tokens, experts]) as tf.Tensor2D, choices, gates };
  const side = (rows: number[][], records: never[] = []) => ({ embeddings: tf.tensor2d(rows), experts: records });
  const config = {
    negatives: {
      inBatch: { kind: 'batch' as const },
      hard: { kind: 'same-category' as const },
      spatial: { kind: 'none' as const },
      temporal: { kind: 'none' as const },
    },
    loss: { kind: 'info-nce' as const },
    temperature: { kind: 'fixed' as const, value: temperature },
    auxiliary: { supervised: 0, labels: 0 },
  };
  const reads = option.weights.kind === 'preference' || option.weights.kind === 'stopped';
  return dualLoss(
    config,
    option,
    {
      queries: side(plain.queries, [{ block: 0, routing, balance: tf.scalar(1) }] as never[]),
      items: side(plain.items),
      images: side(plain.images),
      texts: side(plain.texts),
    },
    {
      members: tf.tensor2d(members),
      right: tf.tensor1d(plain.right),
      present: tf.tensor1d(plain.present),
      against: tf.tensor2d(plain.against),
      progress: tf.scalar(plain.progress),
      mask: tf.tensor2d(plain.mask),
      positiveOf: ints(plain.positiveOf),
      queryProducts: ints(plain.positiveOf.map((row) => plain.numbers[row])),
      itemProducts: ints(plain.numbers),
      queryGroups: ints(plain.positiveOf.map(() => 0)),
      itemGroups: ints(plain.numbers.map(() => 0)),
      hardOf: ints(plain.hardOf),
    },
    { [TEMPERATURE]: tf.tensor1d([0]), ...(reads ? { [PREFERENCES]: preferences } : {}) },
  );
}

const columns = ({ directions }: DualAlignment) => plain.preferences.map((row) => row.slice(0, directions ? 5 : 3));

const margin = { kind: 'margin', kappa: 5, margin: 0.3, end: -0.1, threshold: 0.6, multiplies: 'both' } as const;
const intra = { kind: 'own-text', weight: 0.7, temperature: 0.3, against: 'batch' } as const;
const proportions = { image: 12, text: 3, product: 2, textToImage: 1, imageToText: 5 };
const whole: DualAlignment = {
  kind: 'dual',
  directions: true,
  weights: { kind: 'preference' },
  sparsity: 0.1,
  intra,
  reliability: margin,
};
const cases: Record<string, DualAlignment> = {
  'everything of the paper': whole,
  'three objectives, equal weights': {
    ...whole,
    directions: false,
    weights: { kind: 'equal' },
    intra: { kind: 'none' },
    reliability: { kind: 'one' },
  },
  'fixed proportions, wrong pairs left out': {
    ...whole,
    weights: { kind: 'fixed', proportions },
    reliability: { kind: 'oracle', multiplies: 'inter' },
  },
  'stopped weights': { ...whole, weights: { kind: 'stopped' } },
};

describe('the loss of dual alignment', () => {
  test.each(Object.entries(cases))('%s: equals the formulas written out', (_, option) => {
    const expected = slow(option);
    const got = tf.tidy(() => {
      const measures = fast(option);
      return Object.fromEntries(Object.entries(measures).map(([name, value]) => [name, numberOf(value)]));
    });
    expect(got.total).toBeCloseTo(expected.total, 4);
    names.slice(0, expected.losses.length).forEach((name, at) => {
      expect(got[`${name}Loss`]).toBeCloseTo(expected.losses[at], 4);
      expect(got[`${name}Weight`]).toBeCloseTo(expected.weights[at], 5);
    });
  });

  test('preferences have a gradient, and through the entropy alone where weights are stopped', () => {
    const gradientOf = (option: DualAlignment) =>
      tf.tidy(() =>
        [
          ...tf
            .grad((given) => fast(option, given).total)(tf.tensor2d(columns(option)))
            .dataSync(),
        ].map(Math.abs),
      );
    const without = { ...whole, sparsity: 0 };
    expect(Math.max(...gradientOf(without))).toBeGreaterThan(1e-3);
    expect(Math.max(...gradientOf({ ...without, weights: { kind: 'stopped' } }))).toBe(0);
    expect(Math.max(...gradientOf({ ...whole, weights: { kind: 'stopped' } }))).toBeGreaterThan(1e-4);
  });
});
