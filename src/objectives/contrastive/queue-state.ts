import type { Encoder } from '../../encoder/encoder.js';
import type * as tf from '../../engine/tf.js';
import { emptyQueue, pushQueue, type Queue, queueActive } from '../../negatives/queue.js';
import type { ObjectiveState } from '../objective.js';

/** The empty queue of a run. */
export function startQueue({ config: { negatives }, model }: Pick<Encoder, 'config' | 'model'>) {
  const size = negatives.temporal.kind === 'queue' ? negatives.temporal.size : 0;
  return queueTensors(emptyQueue(size, model.network.text.width));
}

/** The queue, if its items are negatives in this step. */
export function activeQueue({ negatives, optimizer }: Encoder['config'], state: ObjectiveState): Queue | undefined {
  return queueActive(negatives.temporal, state.step, optimizer.steps) ? queueOf(state) : undefined;
}

/** Let the items of a step enter the queue, and free their embeddings. */
export function enterQueue(state: ObjectiveState, itemEmbeddings: tf.Tensor2D, products: tf.Tensor1D): void {
  Object.assign(state.tensors, queueTensors(pushQueue(queueOf(state), itemEmbeddings, products)));
  itemEmbeddings.dispose();
}

const queueOf = ({ tensors }: ObjectiveState): Queue => ({
  embeddings: tensors.queueEmbeddings as tf.Tensor2D,
  products: tensors.queueProducts as tf.Tensor1D,
});

const queueTensors = ({ embeddings, products }: Queue) => ({ queueEmbeddings: embeddings, queueProducts: products });
