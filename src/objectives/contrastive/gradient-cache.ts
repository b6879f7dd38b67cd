import { assert } from '../../checks/error.js';
import { held, released } from '../../engine/held.js';
import * as tf from '../../engine/tf.js';

/** The embeddings of one micro-batch: unit vectors [rows, width], and an optional penalty such as a router's balance term. */
export interface MicroEmbedded {
  embeddings: tf.Tensor2D;
  penalty?: tf.Scalar;
}

/** Free with `tf.dispose`. */
export type CachedGradient<Loss> = {
  /** Gradient of the loss and the mean penalty with respect to the parameters. */
  gradient: tf.Tensor1D;
  /** What the loss returned. */
  loss: Loss;
  /** Mean penalty over micro-batches; 0 without penalties. */
  penalty: tf.Scalar;
  /** Embeddings [rows, width] of all micro-batches, concatenated, without gradient. Used for the queue. */
  embeddings: tf.Tensor2D;
  /** Gradient [rows, width] of the loss with respect to the embeddings. */
  embeddingGradient: tf.Tensor2D;
};

/**
 * The exact gradient of a contrastive loss over more rows than fit in memory, by gradient caching (GradCache, Gao et al. 2021, arXiv
 * 2101.06983): embed every micro-batch without recording gradients; compute the gradient of the loss with respect to all embeddings; embed
 * every micro-batch again, recording gradients, and backpropagate the gradients of its rows to the parameters. Costs one additional forward
 * pass. Needs memory for one micro-batch, the embeddings and the loss.
 * @param embed must be a pure function. Its randomness must come from the micro-batch (its seed, its sampled crops), so that the second
 * pass repeats the first. Router choices are recomputed from the same numbers and are equal.
 * @param loss function of the concatenated embeddings [rows, width] of all micro-batches. It may use parameters of its own, such as the
 * temperature. `total` is minimised.
 */
export function cachedGradient<Micro, Loss extends { [name: string]: tf.Scalar; total: tf.Scalar }>(
  parameters: tf.Tensor1D,
  microBatches: readonly Micro[],
  embed: (parameters: tf.Tensor1D, microBatch: Micro) => MicroEmbedded,
  loss: (embeddings: tf.Tensor2D, parameters: tf.Tensor1D) => Loss,
): CachedGradient<Loss> {
  assert(microBatches.length > 0, 'an update has at least one micro-batch');
  return tf.tidy(() => {
    const first = microBatches.map((each) => tf.tidy(() => embed(parameters, each).embeddings));
    const embeddings = tf.concat(first, 0);
    const { described, ofEmbeddings, ofParameters } = gradientOfLoss(embeddings, parameters, loss);
    let sum = { gradient: ofParameters, penalty: tf.scalar(0) };
    let start = 0;
    microBatches.forEach((each, at) => {
      const [rows] = first[at].shape;
      const next = tf.tidy(() => {
        const pull = tf.slice(ofEmbeddings, [start, 0], [rows, -1]);
        const own = gradientOfMicro(parameters, each, embed, pull, microBatches.length);
        return { gradient: tf.add(sum.gradient, own.gradient), penalty: tf.add(sum.penalty, own.penalty) as tf.Scalar };
      });
      tf.dispose(sum);
      sum = next;
      start += rows;
    });
    return {
      gradient: sum.gradient as tf.Tensor1D,
      loss: described,
      penalty: sum.penalty,
      embeddings,
      embeddingGradient: ofEmbeddings as tf.Tensor2D,
    };
  });
}

/** The loss of all embeddings [rows, width], with its gradients with respect to the embeddings and the parameters. */
function gradientOfLoss<Loss extends { [name: string]: tf.Scalar; total: tf.Scalar }>(
  embeddings: tf.Tensor2D,
  parameters: tf.Tensor1D,
  loss: (embeddings: tf.Tensor2D, parameters: tf.Tensor1D) => Loss,
) {
  let described: Loss | undefined;
  const [ofEmbeddings, ofParameters] = tf.grads((rows: tf.Tensor, flat: tf.Tensor) => {
    described = held(loss(rows as tf.Tensor2D, flat as tf.Tensor1D));
    // A loss that does not use the parameters still needs a gradient with respect to them.
    return tf.add(described.total, tf.mul(tf.sum(flat), 0)) as tf.Scalar;
  })([embeddings, parameters]);
  return { described: released(described!), ofEmbeddings, ofParameters };
}

/** Backpropagate the gradients `pull` of a micro-batch's rows to the parameters, including its part of the mean penalty. */
function gradientOfMicro<Micro>(
  parameters: tf.Tensor1D,
  microBatch: Micro,
  embed: (parameters: tf.Tensor1D, microBatch: Micro) => MicroEmbedded,
  pull: tf.Tensor,
  microBatches: number,
) {
  let described: { penalty: tf.Scalar } | undefined;
  const gradient = tf.grad((flat: tf.Tensor) => {
    const { embeddings, penalty = tf.scalar(0) } = embed(flat as tf.Tensor1D, microBatch);
    described = held({ penalty: tf.div(penalty, microBatches) as tf.Scalar });
    return tf.add(tf.sum(tf.mul(embeddings, pull)), described.penalty) as tf.Scalar;
  })(parameters);
  return { gradient, ...released(described!) };
}
