import { expect, test } from 'vitest';
import { logits } from '../../src/backbones/layers/decoder.js';
import type { QwenConfig } from '../../src/backbones/qwen25vl/config.js';
import { publishedImageProcessor } from '../../src/backbones/qwen25vl/image-processor.js';
import { intersectionOverUnion } from '../../src/data/overlap.js';
import type { Raster } from '../../src/data/types.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { buildModel } from '../../src/encoder/build-model.js';
import { trainVocabulary } from '../../src/encoder/vocabulary.js';
import { flatten, unflatten } from '../../src/engine/flat-weights.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { nextToken } from '../../src/losses/next-token.js';
import { buildBatch, imageTokens, uploadBatch } from '../../src/moon/batch.js';
import { captionTargets, groundingSequence } from '../../src/moon/captions.js';
import { batchOptions, embedBatch, initMoon } from '../../src/moon/model.js';
import { rastersToTensor } from '../../src/pictures/image.js';
import { groundBox } from '../../src/regions/grounding.js';
import { adamW, biasCorrections, updateScales } from '../../src/train/optimizer/adamw.js';

const side = 32;
const { products } = generateShop({
  products: 3,
  imageSize: side,
  views: 1,
  clutter: 0,
  trainQueries: 1,
  evaluationQueries: 1,
});
const tokenizer = trainVocabulary(products, 400);
const network = { size: 'nano', vocabulary: 400, stem: { kind: 'patch' } } as const;
const model = buildModel(
  { ...grocery, network, imageSize: side, attention: 'causal', experts: { kind: 'none' } },
  tokenizer,
);
const read = { tokenizer, imageTokens: imageTokens(batchOptions(model)) };
const drawn = products.map(({ images: [image] }) => image);
const rasters = drawn.map(({ source }) => (source as { draw(): Raster }).draw());

/** Weights that know the boxes of these pictures by heart. */
function teach(steps: number) {
  const sequences = drawn.map((image, at) => groundingSequence(image, products[at].title, image.box!, side, read));
  const batch = buildBatch(sequences, batchOptions(model));
  const tensors = uploadBatch(batch, rastersToTensor(rasters));
  const targets = tf.tensor1d(captionTargets(batch), 'int32');
  const { parameters, layout } = flatten(initMoon(model, randomStream(1, 'init')));
  const scales = updateScales(layout, {});
  const options = { beta1: 0.9, beta2: 0.98, weightDecay: 0, clip: 1 };
  let state = { parameters, mean: tf.zerosLike(parameters), variance: tf.zerosLike(parameters) };
  for (let step = 1; step <= steps; step++) {
    const { norm, ...next } = tf.tidy(() => {
      const gradient = tf.grad((flat: tf.Tensor) => {
        const weights = unflatten(flat as tf.Tensor1D, layout);
        const { hidden } = embedBatch(model, weights, batch, tensors);
        return nextToken(logits(weights, tf.reshape(hidden, [-1, hidden.shape[2]])), targets).total;
      })(state.parameters);
      const inputs = { ...state, ...scales, gradient: gradient as tf.Tensor1D, rate: tf.scalar(3e-3) };
      return adamW({ ...inputs, ...biasCorrections(step, options) }, options);
    });
    tf.dispose([state, norm]);
    state = next;
  }
  const weights = unflatten(state.parameters, layout);
  tf.dispose([state, scales, tensors, targets]);
  return weights;
}

test('a small network of our own that is taught to ground answers the detector with the boxes it was taught', async () => {
  const weights = teach(70);
  const pixels = side * side;
  const config = model.network as QwenConfig;
  const processor = {
    ...publishedImageProcessor,
    patchSize: config.vision.patchSize,
    minPixels: pixels,
    maxPixels: pixels,
  };
  const asked = { network: { config, weights }, tokenizer, processor };
  for (const [at, raster] of rasters.entries()) {
    const { box } = await groundBox(asked, raster, products[at].title, 60);
    expect(box).not.toBeNull();
    expect(intersectionOverUnion(box!, drawn[at].box!)).toBeGreaterThan(0.8);
  }
  tf.dispose(weights);
});
