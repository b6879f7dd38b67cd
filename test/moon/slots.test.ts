import { describe, expect, test } from 'vitest';
import { checkConfig } from '../../src/config/check-config.js';
import type { MoonConfig } from '../../src/config/config.js';
import { prepare } from '../../src/encoder/prepare.js';
import { unflatten, type Weights } from '../../src/engine/flat-weights.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import type { FusionOption } from '../../src/moon/fusion/option.js';
import { embedBatch, initMoon, languageInput, type MoonModel } from '../../src/moon/model.js';
import type { PoolingOption } from '../../src/moon/pooling-option.js';
import { productSequence, type Sequence } from '../../src/moon/sequence.js';
import { firstSlot } from '../../src/moon/slots.js';
import { train } from '../../src/train/loop.js';
import type { StepRecord } from '../../src/train/step-record.js';
import { shortConfig, shortShop } from '../train/run/short-run.js';
import { batchOf, products, reading, smallModel } from './small.js';

const causal = (pooling: PoolingOption, fusion: FusionOption = { kind: 'none' }): MoonModel => ({
  ...smallModel({ kind: 'none' }),
  attention: 'causal',
  pooling,
  fusion,
});

const embed = (model: MoonModel, sequences: Sequence[]) => {
  const { batch, tensors } = batchOf(model as ReturnType<typeof smallModel>, sequences);
  return embedBatch(model, initMoon(model, randomStream(1, 'init')), batch, tensors);
};

const read = reading(smallModel());
const [apple, onlyTitle, juice] = products;
const sequences = [apple, onlyTitle, juice].map((product) => productSequence(product, read));
const row = (x: tf.Tensor, at: number) => [...tf.slice(x as tf.Tensor2D, [at, 0], [1, -1]).dataSync()];
const close = (actual: number[], expected: number[]) => {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, at) => {
    expect(value).toBeCloseTo(expected[at], 5);
  });
};
const gap = (a: number[], b: number[]) => Math.max(...a.map((value, at) => Math.abs(value - b[at])));

describe('slots', () => {
  test('stand after the last visual token, or before the last token, or at the last where there is no other', () => {
    const mask = tf.tensor2d([
      [1, 1, 1, 1, 1, 0],
      [1, 1, 0, 0, 0, 0],
      [1, 0, 0, 0, 0, 0],
      [1, 1, 1, 1, 1, 1],
    ]);
    const isVisual = tf.tensor2d([
      [0, 1, 1, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
      [1, 0, 1, 0, 0, 0],
    ]);
    const places = (first: 'image' | 'text') =>
      [...tf.argMax(firstSlot(mask, isVisual, { first }), 1).dataSync()].map(Number);
    expect(places('image')).toEqual([3, 1, 0, 3]);
    expect(places('text')).toEqual([3, 0, 0, 4]);
    const sums = [...tf.sum(firstSlot(mask, isVisual, {}), 1).dataSync()];
    expect(sums).toEqual([1, 1, 1, 1]);
  });

  test('the first reads the pictures alone, whatever the text; the embedding is the last token', () => {
    const model = causal({ kind: 'slots' });
    const other = { ...apple, title: 'Something else entirely', attributes: {} };
    const [own, changed] = [
      embed(model, sequences),
      embed(model, [productSequence(other, read), ...sequences.slice(1)]),
    ];
    close(row(own.slot!, 0), row(changed.slot!, 0));
    expect(gap(row(own.embeddings, 0), row(changed.embeddings, 0))).toBeGreaterThan(1e-3);
    close([...own.embeddings.dataSync()], [...embed(causal({ kind: 'last' }), sequences).embeddings.dataSync()]);
    // A sequence without pictures has one vector.
    close(row(own.slot!, 1), row(own.embeddings, 1));
    const asText = embed(causal({ kind: 'slots', first: 'text' }), sequences);
    expect(gap(row(asText.slot!, 0), row(own.slot!, 0))).toBeGreaterThan(1e-3);
  });
});

describe('late fusion', () => {
  test.each(['gate', 'sum'] as const)(
    'by %s is its equation, and leaves sequences without pictures as they are',
    (kind) => {
      const model = causal({ kind: 'last' }, { kind });
      const weights = initMoon(model, randomStream(1, 'init'));
      const { batch, tensors } = batchOf(model as ReturnType<typeof smallModel>, sequences);
      const found = embedBatch(model, weights, batch, tensors);
      const plain = embedBatch({ ...model, fusion: { kind: 'none' } }, weights, batch, tensors);
      close(row(found.embeddings, 1), row(plain.embeddings, 1));
      const { width } = model.network.text;
      const values = (name: string) => [...weights[name].dataSync()];
      const map = (matrix: number[], x: number[]) =>
        Array.from({ length: width }, (_, out) =>
          x.reduce((sum, value, at) => sum + matrix[out * x.length + at] * value, 0),
        );
      const [visual, bias] = [values('fusion.visual.weight'), values('fusion.visual.bias')];
      const { h, mean } = inside(model, weights, 0);
      const v = map(visual, mean).map((value, at) => value + bias[at]);
      const joined =
        kind === 'sum'
          ? h.map((value, at) => value + v[at])
          : map(values('fusion.gate.weight'), [...v, ...h]).map((score, at) => {
              const g = 1 / (1 + Math.exp(-score));
              return g * v[at] + (1 - g) * h[at];
            });
      const length = Math.hypot(...joined);
      close(
        row(found.embeddings, 0),
        joined.map((value) => value / length),
      );
      expect(found.gate === undefined).toBe(kind === 'sum');
    },
  );

  /** The last hidden state of a sequence and the mean of its visual tokens as the language model reads them. */
  function inside(model: MoonModel, weights: Weights, at: number) {
    const { batch, tensors } = batchOf(model as ReturnType<typeof smallModel>, sequences);
    const { hidden } = embedBatch(model, weights, batch, tensors);
    const { embeddings } = languageInput(model, weights, batch, tensors);
    const token = (states: tf.Tensor3D, place: number) => [...tf.slice(states, [at, place, 0], [1, 1, -1]).dataSync()];
    const real = sequences[at].segments.flatMap(({ ids }) => ids).length;
    const visual = Array.from({ length: real }, (_, place) => place).filter(
      (place) => batch.tokens[at * batch.length + place] === model.network.imageTokenId,
    );
    const rows = visual.map((place) => token(embeddings, place));
    const mean = rows[0].map((_, column) => rows.reduce((sum, own) => sum + own[column], 0) / rows.length);
    return { h: token(hidden, real - 1), mean };
  }

  test('by the pictures of the next sequence is a control', () => {
    const model = causal({ kind: 'last' }, { kind: 'sum', pictures: 'next' });
    const weights = initMoon(model, randomStream(1, 'init'));
    const both = [sequences[0], sequences[2]];
    const { batch, tensors } = batchOf(model as ReturnType<typeof smallModel>, both);
    const found = embedBatch(model, weights, batch, tensors).embeddings;
    const own = embedBatch({ ...model, fusion: { kind: 'sum' } }, weights, batch, tensors).embeddings;
    expect(gap(row(found, 0), row(own, 0))).toBeGreaterThan(1e-3);
    const alone = batchOf(model as ReturnType<typeof smallModel>, [sequences[0]]);
    close(row(embedBatch(model, weights, alone.batch, alone.tensors).embeddings, 0), row(own, 0));
  });

  test('leaves nothing behind', async () => {
    const model = causal({ kind: 'slots' }, { kind: 'gate' });
    const weights = initMoon(model, randomStream(1, 'init'));
    const { batch, tensors } = batchOf(model as ReturnType<typeof smallModel>, sequences);
    const { leaked } = await countLeaks(() => {
      tf.dispose(tf.tidy(() => embedBatch(model, weights, batch, tensors).embeddings));
    });
    expect(leaked).toBe(0);
  });
});

describe('training with slots and a gate', () => {
  const config: MoonConfig = {
    ...shortConfig,
    attention: 'causal',
    pooling: { kind: 'slots', weight: 0.5 },
    fusion: { kind: 'gate' },
    captioning: { kind: 'none' },
    optimizer: { ...shortConfig.optimizer, steps: 2, accumulate: 1 },
    balance: 0,
  };
  const shop = shortShop();
  const run = async (change: Partial<MoonConfig>) => {
    const records: StepRecord[] = [];
    const { encoder, pixels } = await prepare({ ...config, ...change }, shop);
    await train(encoder, shop, pixels, { onStep: (record) => records.push(record) });
    const moved = tf.tidy(
      () => tf.norm(unflatten(encoder.parameters, encoder.layout)['fusion.gate.weight']).dataSync()[0],
    );
    encoder.parameters.dispose();
    return { records, moved };
  };

  test('has both losses by their weights, and the same gradient as one graph and in micro-batches', async () => {
    const plain = await run({ engine: { compile: false } });
    const [{ loss, measures }] = plain.records;
    const { supervised, labels } = config.auxiliary;
    const beside = supervised * measures.supervised + labels * measures.labels;
    expect(loss).toBeCloseTo(0.5 * measures.contrastive + 0.5 * measures.slot + beside, 4);
    expect(measures.gate).toBeGreaterThan(0.3);
    expect(measures.gate).toBeLessThan(0.7);
    const others = [await run({ engine: { compile: true } }), await run({ engine: { compile: false }, microBatch: 3 })];
    for (const { records } of others)
      for (const [at, own] of plain.records.entries()) {
        expect(records[at].loss / own.loss).toBeCloseTo(1, 4);
        expect(records[at].gradientNorm / own.gradientNorm).toBeCloseTo(1, 3);
      }
  });

  test.each([
    [{ attention: 'bidirectional' }, `attention: got "bidirectional", expected 'causal'`],
    [{ vision: { kind: 'none' }, pooling: { kind: 'last' } }, 'fusion.kind'],
    [{ pooling: { kind: 'slots', weight: 2 } }, 'pooling.weight: got 2'],
  ] as const)('refuses %o', (change, message) => {
    const text = {
      sampler: { ...config.sampler, mix: { image: 0, text: 1, product: 0 } },
      region: { kind: 'none' },
    } as const;
    const wrong = 'vision' in change ? { ...config, ...text, ...change } : { ...config, ...change };
    expect(() => checkConfig(wrong)).toThrow(message);
  });
});
