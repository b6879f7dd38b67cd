import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, expect, it } from 'vitest';
import { initWeights } from '../../../src/backbones/init-weights.js';
import { embeddingSources, embedTokens, mergeImageTokens, runLanguage } from '../../../src/backbones/layers/decoder.js';
import { sizedConfig } from '../../../src/backbones/qwen25vl/sizes.js';
import { encodeImages } from '../../../src/backbones/qwen25vl/vision.js';
import { randomStream } from '../../../src/engine/random.js';
import * as tf from '../../../src/engine/tf.js';
import { gradients, normal, relativeError } from '../close.js';

afterAll(() => tf.setBackend('tensorflow'));

const tokens = { image: 1, video: 2, visionStart: 3, visionEnd: 4, pad: 0, end: 5 };
const config = sizedConfig('nano', { vocabSize: 16, tokens });
// Query heads that share one of several key-value heads are where engines differ.
Object.assign(config.text, { heads: 6, keyValueHeads: 2, mropeSection: [2, 3, 3] });

/** Loss and gradients of a small batch on one engine, as plain arrays. */
async function results(engine: string): Promise<Record<string, ArrayLike<number>>> {
  await tf.setBackend(engine);
  return tf.tidy(() => {
    const ids = [1, 1, 7, 8, 1, 1, 9, 0];
    const weights = initWeights(config, randomStream(1, 'init'));
    const { value, grads } = gradients(weights, (from) => {
      const pixels = normal('pixels', 2, 16, 32, 3) as tf.Tensor4D;
      const pictures = encodeImages(config.vision, from, { kind: 'pixels', pixels }).tokens;
      const features = tf.reshape<tf.Rank.R2>(pictures, [4, config.text.width]);
      const text = embedTokens(config.text, from, tf.tensor2d(ids, [2, 4], 'int32'));
      const sources = tf.tensor1d(embeddingSources(ids, tokens.image), 'int32');
      const { last } = runLanguage(config.text, from, {
        embeddings: mergeImageTokens(text, features, sources),
        positions: tf.tensor3d(Array(6).fill([0, 1, 2, 3]).flat(), [3, 2, 4], 'int32'),
        mask: tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 0], [2, 4]),
        attention: 'causal',
      });
      return tf.sum(tf.mul(last, normal('target', 2, 4, config.text.width))) as tf.Scalar;
    });
    const read = Object.entries({ value, ...grads }).map(([name, tensor]) => [name, tensor.dataSync()] as const);
    return Object.fromEntries(read) as never;
  });
}

it.each(['cpu', 'wasm'])('the engine %s gives the same loss and gradients as the native one', async (engine) => {
  const [native, other] = [await results('tensorflow'), await results(engine)];
  for (const [name, truth] of Object.entries(native))
    expect(relativeError(other[name], truth), name).toBeLessThan(1e-4);
});
