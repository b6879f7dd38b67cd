import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';
import { unit } from '../losses/unit-rows.js';
import { fuse } from './fusion/fuse.js';
import { type FusionOption, fusionOption } from './fusion/option.js';
import { poolingWeights, weighedSum } from './pooling.js';
import type { PoolingOption } from './pooling-option.js';
import { firstSlot } from './slots.js';

/** The vectors of sequences. */
export interface PooledVectors {
  /** Unit vectors [sequences, width]. */
  embeddings: tf.Tensor2D;
  /** Unit vectors of the first slot [sequences, width], where the pooling is `slots`. */
  slot?: tf.Tensor2D;
  /** How much of the embeddings late fusion takes from the pictures, [sequences, width], where it has a gate. */
  gate?: tf.Tensor2D;
}

/** What pooling reads of a batch. */
export interface PoolingInput {
  /** States after the language model, and what it read [sequences, length, width]. */
  last: tf.Tensor3D;
  read: tf.Tensor3D;
  /** 1 at real tokens, and at visual ones [sequences, length]. */
  mask: tf.Tensor2D;
  isVisual(): tf.Tensor2D;
}

/** Pool hidden states, with a second slot and late fusion where the model has them. */
export function pooledVectors(
  { pooling, fusion: given }: { pooling: PoolingOption; fusion?: FusionOption },
  weights: Weights,
  { last, mask, read, isVisual }: PoolingInput,
): PooledVectors {
  const pooled = weighedSum(last, poolingWeights(mask, pooling));
  const slot = pooling.kind === 'slots' ? weighedSum(last, firstSlot(mask, isVisual(), pooling)) : undefined;
  const fusion = fusionOption(given);
  if (fusion.kind === 'none') return { embeddings: unit(pooled), ...(slot && { slot: unit(slot) }) };
  const visual = isVisual();
  const counts = tf.sum(visual, 1, true) as tf.Tensor2D;
  const means = weighedSum(read, tf.div(visual, tf.maximum(counts, 1)));
  const pictures = { means, present: tf.minimum(counts, 1) as tf.Tensor2D };
  const { output, gate } = fuse(fusion, weights, pictures, pooled);
  return {
    embeddings: unit(output),
    ...(slot && { slot: unit(fuse(fusion, weights, pictures, slot).output) }),
    ...(gate && { gate }),
  };
}
