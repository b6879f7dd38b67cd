import * as tf from '../engine/tf.js';

/**
 * Whether words occur in a text, each a question of its own: mean binary cross-entropy over texts and counted words; 0 where no word counts.
 * @param logits [texts, words]; so is `present`, 1 for a word that the text has
 * @param counted [words] 1 for a word that counts
 */
export function wordPresence(logits: tf.Tensor2D, present: tf.Tensor2D, counted: tf.Tensor1D): tf.Scalar {
  return tf.tidy(() => {
    const errors = tf.sub(tf.softplus(logits), tf.mul(logits, present));
    const perText = tf.sum(tf.mul(errors, counted), 1);
    return tf.mean(tf.div(perText, tf.maximum(tf.sum(counted), 1))) as tf.Scalar;
  });
}
