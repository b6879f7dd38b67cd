import * as tf from '../engine/tf.js';

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
  return tf.tidy(() => {
    const first = microBatches.map((each) => tf.tidy(() => tf.clone(embed(parameters, each).embeddings)));
    const embeddings = tf.concat(first, 0);
    const sizes = first.map(({ shape }) => shape[0]);
    tf.dispose(first);

    let described: Loss | undefined;
    const [ofEmbeddings, ofParameters] = tf.tidy(() =>
      tf.grads((rows: tf.Tensor, flat: tf.Tensor) => {
        described = loss(rows as tf.Tensor2D, flat as tf.Tensor1D);
        for (const value of Object.values(described)) tf.keep(value);
        // A loss without parameters of its own has to have a gradient all the same.
        return tf.add(described.total, tf.mul(tf.sum(flat), 0)) as tf.Scalar;
      })([embeddings, parameters]),
    );

    let gradient = ofParameters;
    let penalty: tf.Tensor = tf.scalar(0);
    let start = 0;
    microBatches.forEach((each, at) => {
      const [nextGradient, nextPenalty] = tf.tidy(() => {
        const pull = tf.slice(ofEmbeddings, [start, 0], [sizes[at], -1]);
        let own: tf.Tensor | undefined;
        const ofMicro = tf.grad((flat: tf.Tensor) => {
          const embedded = embed(flat as tf.Tensor1D, each);
          own = tf.div(embedded.penalty ?? tf.scalar(0), microBatches.length);
          tf.keep(own);
          return tf.add(tf.sum(tf.mul(embedded.embeddings, pull)), own) as tf.Scalar;
        })(parameters);
        const next = [tf.add(gradient, ofMicro), tf.add(penalty, own!)];
        own!.dispose();
        return next;
      });
      tf.dispose([gradient, penalty]);
      gradient = nextGradient;
      penalty = nextPenalty;
      start += sizes[at];
    });
    ofEmbeddings.dispose();
    return {
      gradient: gradient as tf.Tensor1D,
      loss: described!,
      penalty: penalty as tf.Scalar,
      embeddings: embeddings as tf.Tensor2D,
    };
  });
}
