import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { initWeights } from '../../src/backbones/init-weights.js';
import { loadConfig, loadWeights } from '../../src/backbones/qwen25vl/weights.js';
import { saveModel } from '../../src/backbones/save-model.js';
import type { Weights } from '../../src/engine/flat-weights.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { addExperts } from '../../src/moon/experts/add-experts.js';
import type { ExpertsOption } from '../../src/moon/experts/option.js';
import { embedBatch, type MoonModel } from '../../src/moon/model.js';
import { productSequence } from '../../src/moon/sequence.js';
import { loadTokenizer } from '../../src/text/tokenizer.js';
import { folder as published } from '../backbones/folder.js';
import { batchOf, products, reading, smallModel } from './small.js';

const own = mkdtempSync(join(tmpdir(), 'moon-dense-'));
afterAll(() => rmSync(own, { recursive: true }));
const all: ExpertsOption = { kind: 'guided', count: 5, topK: 3, blocks: [0, 1] };

/** A dense network of our own as a folder. */
function saveOwn(): MoonModel {
  const model = smallModel({ kind: 'none' });
  const weights = initWeights(model.network, randomStream(4, 'dense'));
  saveModel(own, model.network, weights, { shardBytes: 200_000 });
  tf.dispose(weights);
  return { ...model, network: loadConfig(own) };
}

/** The published layout with a tokenizer of its own, as a causal model. */
function openPublished(): MoonModel {
  return { ...smallModel({ kind: 'none' }), network: loadConfig(published), imageSize: 32, attention: 'causal' };
}

describe.each([
  ['a dense network of our own', own, saveOwn, undefined],
  ['a folder that transformers wrote', published, openPublished, loadTokenizer(published)],
])('%s becomes one with experts', (_, dir, open, tokenizer) => {
  const model = open();
  const read = { ...reading(model), ...(tokenizer ? { tokenizer } : {}) };
  const sequences = products.map((product) => productSequence(product, read));
  const embed = (weights: Weights, experts: ExpertsOption) =>
    tf.tidy(() => {
      const changed = { ...model, experts };
      const { batch, tensors } = batchOf(changed, sequences);
      return embedBatch(changed, weights, batch, tensors).embeddings.dataSync();
    });
  const convert = (option: ExpertsOption) => addExperts(loadWeights(dir), option, randomStream(1, 'experts'));

  test('that embeds as the dense one where every expert is chosen', () => {
    const dense = loadWeights(dir);
    const expected = embed(dense, { kind: 'none' });
    const experts = convert(all);
    embed(experts, all).forEach((value, at) => {
      expect(value).toBeCloseTo(expected[at], 5);
    });
    tf.dispose([dense, experts]);
  });

  test.each<ExpertsOption>([
    { kind: 'plain', count: 4, topK: 1, blocks: [1] },
    { kind: 'guided', count: 6, topK: 1, blocks: [0] },
  ])('and runs as %o, with nothing of the dense layers left', async (option) => {
    const { leaked } = await countLeaks(() => {
      const weights = convert(option);
      expect(Object.keys(weights).some((name) => /layers\.1\.mlp\.gate_proj/.test(name))).toBe(
        option.kind === 'guided',
      );
      expect(embed(weights, option).every(Number.isFinite)).toBe(true);
      tf.dispose(weights);
    });
    expect(leaked).toBe(0);
  });
});

test('a block without a dense layer is refused, and the weights stay as they were', () => {
  saveOwn();
  const weights = loadWeights(own);
  const option: ExpertsOption = { kind: 'plain', count: 2, topK: 1, blocks: [1] };
  expect(() => addExperts(weights, { ...option, blocks: [5] }, randomStream(1, 'experts'))).toThrow(
    'experts.blocks: got [5], expected at least one block from 0 to 1, none of them twice.',
  );
  const once = addExperts(weights, { ...option, blocks: [0] }, randomStream(1, 'experts'));
  expect(() => addExperts(once, { ...option, blocks: [1, 0] }, randomStream(1, 'experts'))).toThrow(
    'experts.blocks: block 0 has no dense layer to copy',
  );
  expect(once['model.layers.1.mlp.gate_proj.weight'].isDisposed).toBe(false);
  tf.dispose(once);
});
