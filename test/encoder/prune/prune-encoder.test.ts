import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runLanguage } from '../../../src/backbones/layers/decoder.js';
import { LAST_NORM } from '../../../src/backbones/layers/decoder-names.js';
import { rmsNorm } from '../../../src/backbones/layers/layers.js';
import type { MoonConfig } from '../../../src/config/config.js';
import type { Encoder } from '../../../src/encoder/encoder.js';
import { prepare } from '../../../src/encoder/prepare.js';
import { type Calibration, calibrationPairs } from '../../../src/encoder/prune/calibration.js';
import { openInputs } from '../../../src/encoder/prune/input-statistics.js';
import { prunedMatrices } from '../../../src/encoder/prune/matrices.js';
import { pruneEncoder } from '../../../src/encoder/prune/prune-encoder.js';
import { type BlockReading, openBlockRun } from '../../../src/encoder/prune/read-blocks.js';
import { uploadPictured } from '../../../src/encoder/upload.js';
import { unflatten, type Weights } from '../../../src/engine/flat-weights.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { randomStream } from '../../../src/engine/random.js';
import * as tf from '../../../src/engine/tf.js';
import { buildBatch } from '../../../src/moon/batch.js';
import { batchOptions, languageInput } from '../../../src/moon/model.js';
import type { Sequence } from '../../../src/moon/sequence.js';
import type { Pixels } from '../../../src/pictures/picture-store.js';
import { type PruneMethod, type PruneOption, pruneMethods } from '../../../src/weights/prune/option.js';
import { shortConfig, shortShop } from '../../train/run/short-run.js';

const config: MoonConfig = {
  ...shortConfig,
  network: { size: 'nano', vocabulary: 300, stem: { kind: 'patch' }, depth: 2, visionDepth: 1, feedForwardWidth: 32 },
  experts: { kind: 'guided', count: 4, topK: 1, blocks: [1] },
};
let encoder: Encoder;
let pixels: Pixels;
let calibration: Calibration;

beforeAll(async () => {
  const shop = shortShop();
  ({ encoder, pixels } = await prepare(config, shop));
  calibration = calibrationPairs(encoder, shop, pixels, { count: 6, seed: 1 });
});
afterAll(() => encoder.parameters.dispose());

/** The numbers of a tensor by name. */
function numbersOf({ parameters, layout }: Encoder): Map<string, Float32Array> {
  return new Map(
    tf.tidy(() =>
      Object.entries(unflatten(parameters, layout)).map(
        ([name, weight]) => [name, weight.dataSync<'float32'>().slice()] as const,
      ),
    ),
  );
}

/** Bit by bit: far faster than a comparison of the test runner. */
const isSame = (a: Float32Array, b: Float32Array) => Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
const differing = (a: ReadonlyMap<string, Float32Array>, b: ReadonlyMap<string, Float32Array>) =>
  [...a.keys()].filter((name) => !isSame(a.get(name)!, b.get(name)!));

async function pruned(option: PruneOption) {
  const { encoder: found, report } = await pruneEncoder(encoder, calibration, pixels, option);
  const numbers = numbersOf(found);
  found.parameters.dispose();
  return { numbers, report };
}

/** What a block does to at most a batch of sequences. */
function readingOf(weights: Weights, sequences: readonly Sequence[], block: number): BlockReading {
  const run = openBlockRun(encoder, weights, sequences, pixels);
  for (let before = 0; before < block; before++) run.advance(0);
  const reading = run.read(0, true);
  run.dispose();
  return reading;
}

function readingInput(weights: Weights) {
  const batch = buildBatch(calibration.items, batchOptions(encoder.model));
  const tensors = uploadPictured(batch, encoder.model, pixels);
  return { tensors, input: languageInput(encoder.model, weights, batch, tensors) };
}

const shapes = () => Object.fromEntries(encoder.layout.names.map((name, at) => [name, encoder.layout.shapes[at]]));

describe('every method', () => {
  test.each(Object.keys(pruneMethods) as PruneMethod[])(
    '%s leaves exactly as many zeros as asked for',
    async (name) => {
      const before = numbersOf(encoder);
      const result = await pruned({ sparsity: 0.6, ...pruneMethods[name] });
      const matrices = prunedMatrices(shapes());
      const size = matrices.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
      expect([result.report.weights, result.report.zeros]).toEqual([size, size - Math.round(size * 0.4)]);
      let zeros = 0;
      for (const [tensor, values] of result.numbers) {
        const isPruned = matrices.some((matrix) => matrix.tensor === tensor);
        if (!isPruned) expect(isSame(values, before.get(tensor)!), tensor).toBe(true);
        else zeros += values.filter((value) => value === 0).length;
      }
      expect(zeros).toBe(result.report.zeros);
    },
  );
});

test('pruning leaves no tensor behind', async () => {
  const { leaked } = await countLeaks(() =>
    pruned({ sparsity: 0.6, score: { kind: 'sparsegpt' }, ratios: { kind: 'das' } }),
  );
  expect(leaked).toBe(0);
});

describe('what the scores see', () => {
  test('AMIA with a threshold of 0 sees every token, as Wanda does', async () => {
    const plain = await pruned({ sparsity: 0.5 });
    const all = await pruned({ sparsity: 0.5, tokens: { kind: 'amia', threshold: 0 } });
    expect(differing(all.numbers, plain.numbers)).toEqual([]);
    const few = await pruned({ sparsity: 0.5, tokens: { kind: 'amia', threshold: 3 } });
    expect(few.report.blocks[0].seen).toBeLessThan(few.report.blocks[0].tokens);
    const random = await pruned({ sparsity: 0.5, tokens: { kind: 'random', threshold: 3 } });
    expect(random.report.blocks[0].seen).toBe(few.report.blocks[0].seen);
    expect(differing(random.numbers, few.numbers)).not.toEqual([]);
  });

  test('each expert sees the tokens that it reads, and a layer what the one before gave it', () => {
    const weights = tf.tidy(() => unflatten(encoder.parameters, encoder.layout));
    const block = readingOf(weights, calibration.items, 1);
    const rows = (name: string) => block.inputs.get(`model.layers.1.mlp.${name}.gateUp`)?.rows ?? [];
    const all = block.rows.flat();
    const read = [rows('category.0'), rows('attribute.0'), rows('experts.0'), rows('experts.1')];
    expect(read.flat().sort((a, b) => a - b)).toEqual(all);
    for (const [at, part] of read.slice(0, 2).entries()) expect(part.length, String(at)).toBeGreaterThan(0);
    // The input of `down` by hand: silu(x gate^T) * (x up^T) of the first token of the category.
    const { values: x } = block.inputs.get('model.layers.1.mlp.category.0.gateUp')!;
    const { values: inner } = block.inputs.get('model.layers.1.mlp.category.0.down')!;
    const gateUp = weights['model.layers.1.mlp.category.gate_up_proj'];
    const [, both, width] = gateUp.shape;
    const numbers = gateUp.dataSync();
    const dot = (row: number) =>
      Array.from({ length: width }, (_, at) => numbers[row * width + at] * x[at]).reduce((a, b) => a + b);
    for (const unit of [0, both / 2 - 1]) {
      const gate = dot(unit);
      expect(inner[unit]).toBeCloseTo((gate / (1 + Math.exp(-gate))) * dot(both / 2 + unit), 5);
    }
    // Attention is a distribution over the tokens of a sequence.
    for (const { attention } of block.tokens) expect(attention.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
    tf.dispose(weights);
  });

  test('block after block gives what the whole network gives', () => {
    const weights = tf.tidy(() => unflatten(encoder.parameters, encoder.layout));
    const { model } = encoder;
    const { tensors, input } = readingInput(weights);
    const whole = tf.tidy(() => runLanguage(model.network.text, weights, input).last.dataSync().slice());
    const apart = tf.tidy(() => {
      const first = runLanguage(model.network.text, weights, { ...input, onlyBlock: 0 }).last;
      const { last } = runLanguage(model.network.text, weights, { ...input, embeddings: first, onlyBlock: 1 });
      const rows = tf.reshape(last, [-1, last.shape[2]]) as tf.Tensor2D;
      return rmsNorm(rows, weights[LAST_NORM], model.network.text.normEpsilon).dataSync().slice();
    });
    expect(apart.length).toBe(whole.length);
    for (const [at, value] of apart.entries())
      if (Math.abs(value - whole[at]) > 1e-5) expect(value).toBeCloseTo(whole[at], 5);
    tf.dispose([weights, tensors, input.embeddings]);
  });

  test('sums of squares and of products are those of the tokens, added up one by one', () => {
    const weights = tf.tidy(() => unflatten(encoder.parameters, encoder.layout));
    const inputs = openInputs(
      { tokens: { kind: 'all' }, score: { kind: 'sparsegpt', damping: 0, columns: 1 } },
      randomStream(1, 'a'),
    );
    const name = 'model.layers.0.self_attn.q_proj';
    let [square, product] = [0, 0];
    for (const part of [calibration.items.slice(0, 2), calibration.items.slice(2)]) {
      const reading = readingOf(weights, part, 0);
      inputs.add(reading);
      const { values } = reading.inputs.get(name)!;
      const width = values.length / Math.max(1, reading.inputs.get(name)!.rows.length);
      for (const row of reading.rows.flat()) {
        square += values[row * width + 3] ** 2;
        product += values[row * width + 3] * values[row * width + 5];
      }
    }
    expect(inputs.of(name)!.squares[3]).toBeCloseTo(square, 3);
    expect(inputs.of(name)!.products!.get(3, 5)).toBeCloseTo(product, 3);
    tf.dispose(weights);
  });
});

test('wrong options and an abort are said', async () => {
  const prune = (option: object) => pruneEncoder(encoder, calibration, pixels, option as PruneOption);
  await expect(prune({ sparsity: 1 })).rejects.toThrow(
    'prune.sparsity: got 1, expected a fraction above 0 and below 1.',
  );
  await expect(prune({ sparsity: 0 })).rejects.toThrow('prune.sparsity: got 0');
  await expect(prune({ sparsity: 0.5, score: { kind: 'wonda' } })).rejects.toThrow('prune.score');
  const stop = new AbortController();
  stop.abort(new Error('stopped'));
  await expect(pruneEncoder(encoder, calibration, pixels, { sparsity: 0.5 }, { signal: stop.signal })).rejects.toThrow(
    'stopped',
  );
  expect(() => calibrationPairs(encoder, shortShop(), pixels, { count: 1, seed: 1 })).toThrow(
    'calibration: got 1 pairs, expected an integer of at least 2.',
  );
});
