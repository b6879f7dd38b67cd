import type { Weights } from '../../engine/flat-weights.js';
import type * as tf from '../../engine/tf.js';

/** Joins the vector of a sequence's pictures with its hidden state, both [sequences, width]. */
export type Fusion = (visual: tf.Tensor2D, hidden: tf.Tensor2D, weights: Weights) => Fused;

export interface Fused {
  output: tf.Tensor2D;
  /** How much of the output is of the pictures, [sequences, width], where the fusion says it. */
  gate?: tf.Tensor2D;
}
