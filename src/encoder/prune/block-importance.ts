import type { Weights } from '../../engine/flat-weights.js';
import type { RandomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import { buildBatch } from '../../moon/batch.js';
import { batchOptions, embedBatch } from '../../moon/model.js';
import type { Sequence } from '../../moon/sequence.js';
import type { Pixels } from '../../pictures/picture-store.js';
import type { Encoder } from '../encoder.js';
import { uploadPictured } from '../upload.js';
import type { Calibration } from './calibration.js';
import type { PrunedMatrix } from './matrices.js';

/** InfoNCE of each calibration query against all calibration products. */
const TEMPERATURE = 0.07;

/**
 * How much the loss of the calibration pairs changes along a random direction of a block's matrices: |loss(w + eps z) - loss(w - eps z)| / 2 eps, z
 * standard normal (zeroth-order gradients as in ECoFLaP, arXiv 2310.02998).
 */
export function blockImportance(
  encoder: Encoder,
  weights: Weights,
  matrices: readonly PrunedMatrix[],
  calibration: Calibration,
  pixels: Pixels,
  { epsilon, stream }: { epsilon: number; stream: RandomStream },
): number {
  const names = [...new Set(matrices.map(({ tensor }) => tensor))];
  const lossAt = (step: number) =>
    tf.tidy(() => {
      const moved = names.map((name): [string, tf.Tensor] => {
        const draw = stream.child(name);
        const direction = tf.tensor(
          Float32Array.from({ length: weights[name].size }, draw.normal),
          weights[name].shape,
        );
        return [name, tf.add(weights[name], tf.mul(direction, step))];
      });
      return lossOf(encoder, { ...weights, ...Object.fromEntries(moved) }, calibration, pixels).dataSync()[0];
    });
  return Math.abs(lossAt(epsilon) - lossAt(-epsilon)) / (2 * epsilon);
}

function lossOf(encoder: Encoder, weights: Weights, { queries, items }: Calibration, pixels: Pixels): tf.Scalar {
  const { model } = encoder;
  const embedded = (sequences: readonly Sequence[]) => {
    const batch = buildBatch(sequences, batchOptions(model));
    return embedBatch(model, weights, batch, uploadPictured(batch, model, pixels)).embeddings;
  };
  const scores: tf.Tensor2D = tf.div(tf.matMul(embedded(queries), embedded(items), false, true), TEMPERATURE);
  const own = tf.sum(tf.mul(scores, tf.eye(queries.length)), 1);
  return tf.mean(tf.sub(tf.logSumExp(scores, 1), own));
}
