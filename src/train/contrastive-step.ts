import * as tf from '../engine/tf.js';
import type { ContrastiveRecord } from '../losses/contrastive-terms.js';
import { infoNce } from '../losses/info-nce.js';
import { temperatureOf } from '../losses/temperature.js';
import type { Batch, BatchTensors } from '../moon/batch.js';
import { embedBatch, type MoonModel } from '../moon/model.js';
import type { Queue } from '../negatives/queue.js';
import type { MoonConfig } from './config.js';
import { type FlatLayout, unflatten } from './flat.js';

/** Name of the learned logarithm of the temperature among the weights. */
export const TEMPERATURE = 'loss.log_temperature';

/** A batch on the host and on the engine. */
export interface Uploaded {
  batch: Batch;
  tensors: BatchTensors;
}

export interface StepInput {
  queries: Uploaded;
  items: Uploaded;
  positiveOf: tf.Tensor1D;
  queryProducts: tf.Tensor1D;
  itemProducts: tf.Tensor1D;
  queue?: Queue;
}

export interface StepOutput {
  gradient: tf.Tensor1D;
  record: ContrastiveRecord & { balance: tf.Scalar; temperature: tf.Scalar };
  /** For the queue: unit vectors [items, width], without gradient. */
  itemEmbeddings: tf.Tensor2D;
}

/** Loss and gradient of one batch of the main stage: embed queries and items, InfoNCE over all negatives, router balance. */
export function contrastiveStep(
  model: MoonModel,
  config: Pick<MoonConfig, 'balance' | 'temperature'>,
  parameters: tf.Tensor1D,
  layout: FlatLayout,
  { queries, items, ...labels }: StepInput,
): StepOutput {
  return tf.tidy(() => {
    let output: Omit<StepOutput, 'gradient'> | undefined;
    const { grad } = tf.valueAndGrad((flat: tf.Tensor) => {
      const weights = unflatten(flat as tf.Tensor1D, layout);
      const asked = embedBatch(model, weights, queries.batch, queries.tensors);
      const offered = embedBatch(model, weights, items.batch, items.tensors);
      const temperature = temperatureOf({ kind: 'learned', ...config.temperature }, weights[TEMPERATURE]);
      const loss = infoNce({ ...labels, queries: asked.embeddings, items: offered.embeddings }, temperature);
      const balances = [...asked.experts, ...offered.experts].map(({ balance }) => balance);
      const balance = balances.length ? (tf.mean(tf.stack(balances)) as tf.Scalar) : tf.scalar(0);
      const record = { ...loss, balance, temperature };
      output = { record, itemEmbeddings: tf.keep(tf.clone(offered.embeddings)) };
      for (const value of Object.values(record)) tf.keep(value);
      return tf.add(loss.total, tf.mul(balance, config.balance)) as tf.Scalar;
    })(parameters);
    return { ...(output as Omit<StepOutput, 'gradient'>), gradient: grad as tf.Tensor1D };
  });
}
