import * as tf from '../../engine/tf.js';
import type { BatchTensors } from '../batch.js';
import { oneHot } from './one-hot.js';

/** Slots of tokens that are sorted by expert. Each expert's tokens fill whole blocks. */
export type Dispatch = {
  /** [T, k] slot of every choice; the number of slots if the token is not routed. */
  slotOf: tf.Tensor2D;
  /** [slots] choice (token x k + rank) in every slot; T k if empty. */
  choiceOf: tf.Tensor1D;
  /** [blocks] expert of every block. */
  expertOf: tf.Tensor1D;
};

/**
 * Slots per block. Every expert has one block that is not full: larger blocks waste more on padding, smaller ones copy the experts' weights
 * more often. Except for the smallest batches, padding is at most a quarter of the work.
 */
export function blockSize(choices: number, experts: number): number {
  return [128, 64, 32].find((size) => 4 * size * experts <= choices) ?? 16;
}

/**
 * Sort choices [T, k] by expert into blocks of `block` slots. floor(max k / block) + E blocks hold the choices of any `max` routed tokens,
 * so shapes are static, no token is dropped, and the work grows with k and not with E.
 * @param routed [T] 1 for a token whose choices count, else 0
 * @param max number of routed tokens at most
 */
export function dispatch(
  choices: tf.Tensor2D,
  routed: tf.Tensor1D,
  max: number,
  experts: number,
  block: number,
): Dispatch {
  return tf.tidy(() => {
    const [tokens, topK] = choices.shape;
    const count = tokens * topK;
    const blocks = Math.floor((max * topK) / block) + experts;
    const slots = blocks * block;
    const isRouted = tf.reshape(tf.tile(tf.expandDims(routed, 1), [1, topK]), [count, 1]);
    const hot = tf.cast(oneHot(tf.reshape(choices, [count]), experts), 'float32');
    const chosen = tf.mul(hot, isRouted) as tf.Tensor2D;
    const filled = tf.ceil(tf.div(tf.sum(chosen, 0), block)) as tf.Tensor1D;
    const firstBlock = tf.cumsum(filled, 0, true) as tf.Tensor1D;
    const place = tf.add(tf.cumsum(chosen, 0, true), tf.mul(firstBlock, block));
    const ofRouted = tf.sum(tf.mul(place, chosen), 1, true);
    const slotOf = tf.cast(tf.where(tf.cast(isRouted, 'bool'), ofRouted, slots), 'int32') as tf.Tensor2D;
    // Choices are written minus `count`, so that an empty slot reads as T k. Tokens that are not routed write behind the end.
    const written = tf.scatterND(slotOf, tf.range(-count, 0, 1, 'int32'), [slots + 1]);
    const choiceOf = tf.add(tf.slice(written, [0], [slots]), tf.scalar(count, 'int32')) as tf.Tensor1D;
    const passed = tf.greaterEqual(tf.expandDims(tf.range(0, blocks), 1), tf.expandDims(tf.add(firstBlock, filled), 0));
    const expertOf = tf.minimum(tf.sum(tf.cast(passed, 'int32'), 1), tf.scalar(experts - 1, 'int32')) as tf.Tensor1D;
    return { slotOf: tf.reshape(slotOf, [tokens, topK]) as tf.Tensor2D, choiceOf, expertOf };
  });
}

/** Permutation of tokens to the slots of their experts, and inverse. T tokens, k choices each. */
export type ExpertOrder = {
  /** [slots] choice (token x k + rank) in each slot; T k if empty. */
  order: tf.Tensor1D;
  /** [T k] slot of every choice; the number of slots if a token has no such choice. */
  inverse: tf.Tensor1D;
};

/**
 * The slot order of a batch: first the blocks of the ordinary experts, then the slots of the named groups. The batch already knows the
 * latter; they follow its first `ordinary` slots. A token of a named group has a single choice, its first.
 */
export function expertOrder(
  { slotOf, choiceOf }: Pick<Dispatch, 'slotOf' | 'choiceOf'>,
  { rowOfSlot, slotOfRow }: Pick<BatchTensors, 'rowOfSlot' | 'slotOfRow'>,
  ordinary: number,
): ExpertOrder {
  return tf.tidy(() => {
    const topK = slotOf.shape[1];
    const named = tf.mul(tf.slice(rowOfSlot, [ordinary]), tf.scalar(topK, 'int32'));
    const order = tf.concat([choiceOf, named], 0) as tf.Tensor1D;
    const first = tf.add(slotOfRow, tf.scalar(choiceOf.size - ordinary, 'int32'));
    const others: [number, number][] = [
      [0, 0],
      [0, topK - 1],
    ];
    const known = tf.pad(tf.expandDims(first, 1), others, order.size);
    const isOrdinary = tf.expandDims(tf.less(slotOfRow, tf.scalar(ordinary, 'int32')), 1);
    const inverse = tf.reshape(tf.where(isOrdinary, slotOf, known), [-1]) as tf.Tensor1D;
    return { order, inverse };
  });
}
