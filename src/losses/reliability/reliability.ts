import * as tf from '../../engine/tf.js';
import { withoutGradient } from '../without-gradient.js';
import type { ReliabilityOption } from './option.js';

/** What is known of the pairs of a step, for Q queries. */
export interface RatedPairs {
  /** [Q] cosine of the query and what it bought. */
  positive: tf.Tensor1D;
  /** [Q] cosine of the query and its hard negative. */
  negative: tf.Tensor1D;
  /** [Q] 1 where the query has a hard negative. */
  contrasted: tf.Tensor1D;
  /** [Q] 0 for a pair that is known to be wrong, else 1. */
  right: tf.Tensor1D;
  /** Fraction of the run that is done. */
  progress: tf.Scalar;
}

/** phi [Q] of `margin`: the estimated reliability of each pair; 1 without a hard negative. No gradient flows through it. */
export function phiOf(
  { kappa, margin, end }: Pick<Extract<ReliabilityOption, { kind: 'margin' }>, 'kappa' | 'margin' | 'end'>,
  { positive, negative, contrasted, progress }: Omit<RatedPairs, 'right'>,
): tf.Tensor1D {
  return withoutGradient([positive, negative], (near, far) =>
    tf.tidy(() => {
      const now = tf.add(margin, tf.mul(progress, end - margin));
      const phi = tf.sigmoid(tf.mul(tf.sub(tf.sub(near, far), now), kappa));
      return tf.where(tf.greater(contrasted, 0), phi, 1) as tf.Tensor1D;
    }),
  );
}

/** How much each pair counts, [Q], and phi where it is estimated. */
export function reliabilityOf(
  option: ReliabilityOption,
  pairs: RatedPairs,
): { weights: tf.Tensor1D; phi?: tf.Tensor1D } {
  if (option.kind === 'one') return { weights: tf.onesLike(pairs.right) };
  if (option.kind === 'oracle') return { weights: tf.clone(pairs.right) };
  const phi = phiOf(option, pairs);
  const weights = withoutGradient([phi], (given) => tf.where(tf.less(given, option.threshold), given, 1));
  return { weights: weights as tf.Tensor1D, phi };
}
