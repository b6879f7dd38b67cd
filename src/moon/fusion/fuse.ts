import type { Weights } from '../../engine/flat-weights.js';
import type { RandomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import { initProjector } from '../projector.js';
import { fusionNames } from '../weight-names.js';
import type { Fused, Fusion } from './fusion.js';
import { gate } from './gate.js';
import type { LateFusion } from './option.js';
import { sum } from './sum.js';

const fusions: Record<LateFusion['kind'], Fusion> = { gate, sum };

/** A fusion's weights: the map of the pictures' vector, and those of its kind. */
export function initFusion({ kind }: LateFusion, width: number, range: number, stream: RandomStream): Weights {
  const values = Float32Array.from({ length: 2 * width * width }, () => range * stream.normal());
  return {
    ...initProjector(fusionNames, width, width, range, stream.child('visual')),
    ...(kind === 'gate' && { [fusionNames.gate]: tf.tensor2d(values, [width, 2 * width]) }),
  };
}

/**
 * Join hidden states with the pictures' vectors; a sequence without pictures keeps its hidden state.
 * @param pictures mean visual token of each sequence [sequences, width], and whether it has one [sequences, 1]
 */
export function fuse(
  { kind, pictures: whose = 'own' }: LateFusion,
  weights: Weights,
  pictures: { means: tf.Tensor2D; present: tf.Tensor2D },
  hidden: tf.Tensor2D,
): Fused {
  const shift = (rows: tf.Tensor2D): tf.Tensor2D =>
    whose === 'own' || rows.shape[0] < 2 ? rows : tf.concat([tf.slice(rows, 1), tf.slice(rows, 0, 1)]);
  const means = shift(pictures.means);
  const present = tf.mul(pictures.present, shift(pictures.present)) as tf.Tensor2D;
  const visual = tf.add(
    tf.matMul(means, weights[fusionNames.weight] as tf.Tensor2D, false, true),
    weights[fusionNames.bias],
  ) as tf.Tensor2D;
  const { output, gate } = fusions[kind](visual, hidden, weights);
  const where = tf.cast(present, 'bool');
  return { output: tf.where(where, output, hidden) as tf.Tensor2D, ...(gate && { gate }) };
}
