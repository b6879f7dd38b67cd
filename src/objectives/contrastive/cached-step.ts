import * as tf from '../../engine/tf.js';
import { TEMPERATURE } from '../../losses/temperature.js';
import { meanBalance } from '../../moon/experts/layer.js';
import { embedBatch } from '../../moon/model.js';
import type { MicroBatch } from '../batch-builder.js';
import { requireFloat32 } from '../compiled-step.js';
import type { StepWeights } from '../objective.js';
import { cachedGradient } from './gradient-cache.js';
import { embeddingsOf, representation } from './representation.js';
import { type ContrastiveOutputs, type StepLabels, type StepTask, stepLoss } from './step.js';

/** The inputs of an update in micro-batches, each side in its own order. */
export interface CachedInputs {
  weights: StepWeights;
  queries: readonly MicroBatch[];
  items: readonly MicroBatch[];
  labels: readonly MicroBatch[];
  given: StepLabels;
}

/**
 * `contrastiveStep` for an update that is too large to embed at once. Computes the same loss and gradient with cached representations
 * (GradCache, arXiv 2101.06983). The router's balance term is the mean over micro-batches. Runs operation by operation.
 * @throws UserError for bfloat16, which compiled steps alone have
 */
export function cachedStep({ model, config, trained }: StepTask, inputs: CachedInputs): ContrastiveOutputs {
  const { weights, queries, items, labels, given } = inputs;
  requireFloat32(config);
  const weightsOf = (flat: tf.Tensor1D) => trained.weightsOf({ trained: flat, frozen: weights.frozen });
  const rowsOf = (micros: readonly MicroBatch[]) => micros.reduce((sum, { tensors }) => sum + tensors.mask.shape[0], 0);
  const counts = [queries, items, labels].map(rowsOf);
  return tf.tidy(() => {
    const { gradient, loss, penalty, embeddings } = cachedGradient(
      weights.trained,
      [...queries, ...items, ...labels],
      (flat, { batch: { groups }, tensors }) => {
        const embedded = embedBatch(model, weightsOf(flat), { groups }, tensors, config.engine);
        const embeddings = representation(embedded);
        const { experts } = embedded;
        if (!experts.length) return { embeddings };
        return { embeddings, penalty: tf.mul(meanBalance(experts), config.balance) as tf.Scalar };
      },
      (rows, flat) => {
        const part = (at: number) => {
          const start = counts.slice(0, at).reduce((sum, count) => sum + count, 0);
          return tf.slice(rows, [start, 0], [counts[at], -1]) as tf.Tensor2D;
        };
        const parts = {
          queries: part(0),
          items: part(1),
          labels: labels.length ? embeddingsOf(part(2), config.pooling) : undefined,
        };
        return stepLoss(config, parts, given, weightsOf(flat)[TEMPERATURE]);
      },
    );
    const offered = tf.slice(embeddings, [counts[0], 0], [counts[1], -1]) as tf.Tensor2D;
    const itemEmbeddings = embeddingsOf(offered, config.pooling);
    const balance = tf.div(penalty, Math.max(config.balance, 1e-12)) as tf.Scalar;
    return {
      gradient,
      itemEmbeddings,
      measures: { ...loss, balance, total: tf.add(loss.total, penalty) as tf.Scalar },
    };
  });
}
