import { createHash } from 'node:crypto';
import type { MoonConfig } from '../../src/config/config.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { compile } from '../../src/engine/compile/compile.js';
import { flatten, unflatten } from '../../src/engine/flat-weights.js';
import { nameTensors, treeOf } from '../../src/engine/named-tensors.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import type { BatchTensors } from '../../src/moon/batch.js';
import { embedBatch, initMoon } from '../../src/moon/model.js';
import { moonOf, productBatch } from '../moon/shop-batch.js';

/** The default run's network and batch, and one of seconds with the same operations. */
const sizes: Record<'default' | 'small', { config: MoonConfig; sequences: number }> = {
  default: { config: grocery, sequences: 64 },
  small: {
    config: { ...grocery, network: { ...grocery.network, size: 'nano' }, imageSize: 32 },
    sequences: 8,
  },
};

/** Hashes of the embeddings and the gradient of one batch, computed again and again: compiled, or operation by operation. */
export function stepHashes(size: 'default' | 'small', compiled: boolean, repeats: number): string[] {
  const { config, sequences } = sizes[size];
  const model = moonOf(config);
  const { parameters, layout } = flatten(initMoon(model, randomStream(1, 'init')));
  const { batch, tensors } = productBatch(model, sequences);
  const step = (named: Record<string, tf.Tensor>): Record<string, tf.Tensor> =>
    tf.tidy(() => {
      const { parameters, given } = treeOf<{ parameters: tf.Tensor1D; given: BatchTensors }>(named);
      const embed = (flat: tf.Tensor) => embedBatch(model, unflatten(flat as tf.Tensor1D, layout), batch, given);
      const weigh = (rows: tf.Tensor) => tf.mul(rows, tf.reshape(tf.range(0, rows.size), rows.shape));
      const loss = (flat: tf.Tensor) => {
        const { embeddings, experts } = embed(flat);
        return tf.addN([tf.sum(weigh(embeddings)), ...experts.map(({ balance }) => balance)]) as tf.Scalar;
      };
      return { embeddings: embed(parameters).embeddings, gradient: tf.grad(loss)(parameters) };
    });
  const run = compiled ? compile(step, { name: 'hashed step', captures: { model, groups: batch.groups } }) : step;
  return Array.from({ length: repeats }, () => {
    const outputs = run(nameTensors({ parameters, given: tensors }), null);
    const hash = createHash('sha256');
    for (const name of ['embeddings', 'gradient'])
      hash.update(Uint8Array.from(new Uint8Array(outputs[name].dataSync().buffer)));
    tf.dispose(outputs);
    return hash.digest('hex');
  });
}
