import { initWeights } from '../../../src/backbones/init-weights.js';
import { runLanguage } from '../../../src/backbones/layers/decoder.js';
import { sizedConfig } from '../../../src/backbones/qwen25vl/sizes.js';
import { compile } from '../../../src/engine/compile/compile.js';
import { flatten, unflatten } from '../../../src/engine/flat-weights.js';
import { peakMemory } from '../../../src/engine/memory.js';
import { randomStream } from '../../../src/engine/random.js';
import * as tf from '../../../src/engine/tf.js';

const tokens = { image: 1, video: 2, visionStart: 3, visionEnd: 4, pad: 0, end: 5 };
const [depth, batch, length] = [8, 32, 128];

/** One compiled gradient of the named weights of a deep, narrow language model: its sum of absolute values, and the MB that running it adds to the peak. */
export function measureGradient(checkpoint: boolean, trained: RegExp): { sum: number; megabytes: number } {
  const config = sizedConfig('nano', { vocabSize: 16, tokens });
  const text = { ...config.text, depth };
  const all = Object.entries(initWeights({ ...config, text }, randomStream(1, 'init')));
  const part = (own: boolean) => Object.fromEntries(all.filter(([name]) => trained.test(name) === own));
  const frozen = part(false);
  const { parameters, layout } = flatten(part(true));
  const inputs = {
    ...frozen,
    parameters,
    embeddings: tf.randomNormal([batch, length, text.width], 0, 1, 'float32', 1),
    positions: tf.zeros([3, batch, length], 'int32'),
  };
  const gradient = (given: Record<string, tf.Tensor>) => ({
    gradient: tf.tidy(() =>
      tf.grad((flat: tf.Tensor) => {
        const { last } = runLanguage(
          text,
          { ...given, ...unflatten(flat as tf.Tensor1D, layout) },
          {
            embeddings: given.embeddings as tf.Tensor3D,
            positions: given.positions as tf.Tensor3D,
            attention: 'causal',
            checkpoint,
          },
        );
        return tf.mean(tf.square(tf.sub(last, 1)));
      })(given.parameters),
    ),
  });
  const compiled = compile(gradient, { name: 'checkpoint', captures: { checkpoint, trained: trained.source } });
  const small = {
    ...inputs,
    embeddings: tf.slice(inputs.embeddings, 0, 1),
    positions: tf.slice(inputs.positions, [0, 0], [3, 1]),
  };
  // The engine itself and what recording takes are there before; the graph of one sequence needs little.
  compiled(small, null).gradient.dispose();
  const before = process.memoryUsage.rss();
  const run = compiled(inputs, null).gradient;
  const [sum] = tf.sum(tf.abs(run)).dataSync();
  return { sum, megabytes: (peakMemory() - before) / 1e6 };
}
