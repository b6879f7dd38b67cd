import { assert } from '../../checks/error.js';
import * as tf from '../../engine/tf.js';

/** One micro-batch embedded: unit vectors [rows, width], and a penalty of its own, such as a router's balance. */
export interface MicroEmbedded {
  embeddings: tf.Tensor2D;
  penalty?: tf.Scalar;
}

/** Free with `tf.dispose`. */
export type CachedGradient<Loss> = {
  /** Of the loss and the mean penalty, with respect to the parameters. */
  gradient: tf.Tensor1D;
  /** What the loss returned. */
  loss: Loss;
  /** Mean over micro-batches; 0 without penalties. */
  penalty: tf.Scalar;
  /** [rows, width] of all micro-batches, one below the other, without gradient: for the queue. */
  embeddings: tf.Tensor2D;
  /** [rows, width] of the loss with respect to them. */
  embeddingGradient: tf.Tensor2D;
};

/**
 * Exact gradient of a contrastive loss over more rows than fit in memory at once, by caching of representations (GradCache, Gao et
 * al. 2021): embed every micro-batch without a tape; take the gradient of the loss with respect to all embeddings; embed every
 * micro-batch once more, with a tape, and pass its rows' gradients on to the parameters. Costs one more forward pass; memory is
 * that of one micro-batch, the embeddings and the loss.
 *
 * @param embed must be a pure function: what is random in it has to come from the micro-batch (its seed, its drawn crops), so that
 *   the second pass replays the first. Router choices are computed again from the same numbers, and are the same.
 * @param loss of the embeddings [rows, width] of all micro-batches, one below the other; it may use parameters of its own, such as
 *   the temperature. `total` is minimised.
 */
export function cachedGradient<Micro, Loss extends { [name: string]: tf.Scalar; total: tf.Scalar }>(
  parameters: tf.Tensor1D,
  microBatches: readonly Micro[],
  embed: (parameters: tf.Tensor1D, microBatch: Micro) => MicroEmbedded,
  loss: (embeddings: tf.Tensor2D, parameters: tf.Tensor1D) => Loss,
): CachedGradient<Loss> {
  assert(microBatches.length > 0, 'an update has micro-batches');
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

/** The loss of all embeddings [rows, width], and its gradient with respect to them and to the parameters. */
function gradientOfLoss<Loss extends { [name: string]: tf.Scalar; total: tf.Scalar }>(
  embeddings: tf.Tensor2D,
  parameters: tf.Tensor1D,
  loss: (embeddings: tf.Tensor2D, parameters: tf.Tensor1D) => Loss,
) {
  let described: Loss | undefined;
  const [ofEmbeddings, ofParameters] = tf.grads((rows: tf.Tensor, flat: tf.Tensor) => {
    described = held(loss(rows as tf.Tensor2D, flat as tf.Tensor1D));
    // A loss without parameters of its own has to have a gradient all the same.
    return tf.add(described.total, tf.mul(tf.sum(flat), 0)) as tf.Scalar;
  })([embeddings, parameters]);
  return { described: released(described!), ofEmbeddings, ofParameters };
}

/** The rows' gradients `pull` passed on to the parameters, with this micro-batch's part of the mean penalty. */
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

/** Tensors that outlive the forward pass of a gradient, which returns its scalar alone. */
function held<Named extends Record<string, tf.Tensor>>(tensors: Named): Named {
  for (const tensor of Object.values(tensors)) tf.keep(tensor);
  return tensors;
}

/** The same, given to the scope that runs now. */
function released<Named extends Record<string, tf.Tensor>>(tensors: Named): Named {
  const copies = Object.entries(tensors).map(([name, tensor]) => [name, tf.clone(tensor)]);
  tf.dispose(tensors);
  return Object.fromEntries(copies) as Named;
}
