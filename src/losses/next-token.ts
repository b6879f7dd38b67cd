import * as tf from '../engine/tf.js';

/** The result of `nextToken`; every field a scalar tensor. */
export interface NextTokenRecord {
  [name: string]: tf.Scalar;
  /** Mean of -log p(target) over the rows that have a target, in nats; 0 without targets. */
  total: tf.Scalar;
  /** Fraction of these rows whose target has the highest logit. */
  accuracy: tf.Scalar;
  /** Number of rows that have a target. */
  tokens: tf.Scalar;
}

/**
 * Next-token loss for captioning and grounding: cross-entropy of `logits` [rows, vocabulary] with `targets` [rows] (int32), the token after
 * each row, or -1 for a row that does not count (see `nextTokenTargets`). The only other tensor of vocabulary size is the softmax in the
 * backward pass; for a large vocabulary, pass only the rows that count. A logit that is not finite in a counted row makes the loss NaN.
 */
export function nextToken(logits: tf.Tensor2D, targets: tf.Tensor1D): NextTokenRecord {
  return tf.tidy(() => {
    const counted = tf.cast(tf.greaterEqual(targets, tf.scalar(0, 'int32')), 'float32');
    const places = tf.maximum(targets, tf.scalar(0, 'int32')) as tf.Tensor1D;
    const tokens = tf.sum(counted) as tf.Scalar;
    const perToken = (values: tf.Tensor) =>
      tf.div(tf.sum(tf.where(tf.cast(counted, 'bool'), values, 0)), tf.maximum(tokens, 1)) as tf.Scalar;
    return {
      total: perToken(crossEntropy(logits, places)),
      accuracy: perToken(tf.cast(tf.equal(tf.argMax(logits, 1), places), 'float32')),
      tokens,
    };
  });
}

/** -log softmax(logits)[target] of each row [rows]. The gradient, softmax minus one at the target, changes only one entry per row. */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Tensor1D {
  const places = tf.stack([tf.range(0, targets.size, 1, 'int32'), targets], 1);
  const entropy = tf.customGrad((given, save) => {
    const scores = given as tf.Tensor2D;
    (save as tf.GradSaveFunc)([scores, places]);
    return {
      value: tf.sub(tf.logSumExp(scores, 1), tf.gatherND(scores, places)),
      gradFunc: (dy, [saved, places]) => {
        const probability = tf.softmax(saved as tf.Tensor2D);
        const atTarget = tf.sub(tf.gatherND(probability, places), 1);
        return tf.mul(tf.tensorScatterUpdate(probability, places, atTarget), tf.expandDims(dy, 1));
      },
    };
  });
  return entropy(logits) as tf.Tensor1D;
}

/**
 * Targets of `nextToken` for a padded batch, [rows] = sequences x length: the next token of the same sequence if it `counts` (a caption's
 * tokens, but not its prompt or padding), else -1.
 */
export function nextTokenTargets(
  tokens: ArrayLike<number>,
  length: number,
  counts: (row: number) => boolean,
): Int32Array {
  return Int32Array.from(tokens, (_, row) => ((row + 1) % length !== 0 && counts(row + 1) ? tokens[row + 1] : -1));
}
