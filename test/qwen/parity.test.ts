import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as tf from '../../src/engine/tf.js';
import type { QwenConfig } from '../../src/qwen/config.js';
import { embeddingSources, embedTokens, logits, mergeImageTokens, runLanguage } from '../../src/qwen/language.js';
import { canonicalName } from '../../src/qwen/names.js';
import { ropeIndex } from '../../src/qwen/positions.js';
import { encodeImages } from '../../src/qwen/vision.js';
import { loadConfig, loadWeights, type Weights } from '../../src/qwen/weights.js';
import { gradients, relativeError } from './close.js';
import { openReference, presentFolders, type Reference } from './reference.js';

describe.each(presentFolders)('Qwen2.5-VL beside transformers 5.23: the %s folder', (_, dir) => {
  let config: QwenConfig;
  let weights: Weights;
  let reference: Reference;
  let prompts: string[];
  beforeAll(() => {
    config = loadConfig(dir);
    weights = loadWeights(dir);
    reference = openReference(dir);
    prompts = Object.keys(reference.imagesOf);
  });
  afterAll(() => tf.dispose(weights));

  /** Image features [tokens, width] from the reference's own pixels. */
  function features(image: number, from: Weights): tf.Tensor2D {
    const grid = reference.grids[image];
    const patches = tf.reshape<tf.Rank.R3>(reference.patches(image), [1, grid.t * grid.h * grid.w, -1]);
    return tf.squeeze(encodeImages(config.vision, from, { kind: 'patches', patches, grid }).tokens, [0]);
  }

  /** Prompts in one batch, padded on the left or on the right. */
  function run(names: string[], from: Weights, side: 'left' | 'right' = 'right') {
    const given = names.map((name) => [...reference.numbers(`${name}.input_ids`)]);
    const length = Math.max(...given.map((ids) => ids.length));
    const pad = (ids: number[], what: number): number[] => {
      const padding = Array<number>(length - ids.length).fill(what);
      return side === 'left' ? [...padding, ...ids] : [...ids, ...padding];
    };
    const sequences = names.map((name, i) => ({
      ids: pad(given[i], 0),
      mask: pad(
        given[i].map(() => 1),
        0,
      ),
      grids: reference.imagesOf[name].map((image) => reference.grids[image]),
    }));
    const { positions } = ropeIndex(sequences, {
      imageTokenId: config.imageTokenId,
      mergeSize: config.vision.mergeSize,
    });
    const shape: [number, number] = [names.length, length];
    const ids = sequences.flatMap((sequence) => sequence.ids);
    const text = embedTokens(config.text, from, tf.tensor2d(ids, shape, 'int32'));
    const parts = names.flatMap((name) => reference.imagesOf[name].map((image) => features(image, from)));
    const sources = tf.tensor1d(embeddingSources(ids, config.imageTokenId), 'int32');
    const output = runLanguage(config.text, from, {
      embeddings: parts.length ? mergeImageTokens(text, tf.concat(parts, 0), sources) : text,
      positions: tf.tensor3d(positions, [3, ...shape], 'int32'),
      mask: tf.tensor2d(
        sequences.flatMap(({ mask }) => mask),
        shape,
      ),
      attention: 'causal',
      want: { hiddenStates: true, attention: 'last' },
    });
    return { positions, parts, output, starts: given.map((ids) => (side === 'left' ? length - ids.length : 0)) };
  }

  const compare = (tensor: tf.Tensor, name: string, tolerance: number) =>
    expect(relativeError(tensor.dataSync(), reference.numbers(name)), name).toBeLessThan(tolerance);

  it('computes every prompt', () => {
    for (const prompt of prompts)
      tf.tidy(() => {
        const { positions, parts, output } = run([prompt], weights);
        expect([...positions]).toEqual([...reference.numbers(`${prompt}.position_ids`)]);
        if (parts.length) compare(tf.concat(parts, 0), `${prompt}.image_features`, 1e-4);
        for (const [i, state] of output.hiddenStates!.entries()) compare(state, `${prompt}.hidden_${i}`, 1e-4);
        compare(output.attention![0], `${prompt}.attention_last`, 1e-4);
        compare(logits(weights, tf.squeeze(output.last, [0])), `${prompt}.logits`, 1e-4);
      });
  });

  it.each(['left', 'right'] as const)('computes the same in one batch padded on the %s', (side) => {
    tf.tidy(() => {
      const { output, starts } = run(prompts, weights, side);
      for (const [row, prompt] of prompts.entries()) {
        const last = `${prompt}.hidden_${config.text.depth}`;
        const length = reference.numbers(`${prompt}.input_ids`).length;
        compare(tf.slice(output.last, [row, starts[row], 0], [1, length, config.text.width]), last, 1e-4);
      }
    });
  });

  it('has the same gradients', () => {
    tf.tidy(() => {
      const most = prompts.reduce((a, b) => (reference.imagesOf[b].length > reference.imagesOf[a].length ? b : a));
      const checked = reference.names.filter((name) => name.startsWith('grad.model.'));
      expect(checked.length).toBeGreaterThan(2);
      const some = Object.fromEntries(
        checked.map((name) => canonicalName(name.slice('grad.'.length))).map((name) => [name, weights[name]]),
      );
      const { value, grads } = gradients(some, (from) => {
        const pooled = tf.mean(run([most], { ...weights, ...from }).output.last, [0, 1]);
        return tf.sum(tf.mul(pooled, reference.numbers('grad.weights'))) as tf.Scalar;
      });
      compare(value, 'grad.loss', 1e-3);
      for (const name of checked) compare(grads[canonicalName(name.slice('grad.'.length))], name, 1e-3);
    });
  });
});
