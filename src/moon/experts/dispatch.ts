import * as tf from '../../engine/tf.js';
import type { BatchTensors } from '../batch.js';
import { oneHot } from './one-hot.js';

/** Places of tokens when they are sorted by expert and each expert's share is filled up to whole blocks. */
export type Dispatch = {
  /** [T, k] slot of every choice; the count of slots where the token is not routed. */
  slotOf: tf.Tensor2D;
  /** [slots] choice (token x k + rank) of every slot; T k where empty. */
  choiceOf: tf.Tensor1D;
  /** [blocks] expert of every block. */
  expertOf: tf.Tensor1D;
};

/**
 * Slots of a block. Every expert has a block that is not full: larger ones waste more on padding, smaller ones copy the experts'
 * weights more often. At most a quarter of the choices' work is padding, but for the smallest batches.
 */
export function blockSize(choices: number, experts: number): number {
  return [128, 64, 32].find((size) => 4 * size * experts <= choices) ?? 16;
}

/**
 * Sort choices [T, k] by expert into blocks of `block` slots. The number of blocks, floor(most k / block) + E, is enough for any
 * choices of at most `most` routed tokens, so that shapes are static, no token is dropped and the work grows with k and not with E.
 * @param routed [T] 1 where a token's choices count, else 0
 */
export function dispatch(
  choices: tf.Tensor2D,
  routed: tf.Tensor1D,
  most: number,
  experts: number,
  block: number,
): Dispatch {
  return tf.tidy(() => {
    const [tokens, topK] = choices.shape;
    const count = tokens * topK;
    const blocks = Math.floor((most * topK) / block) + experts;
    const slots = blocks * block;
    const isRouted = tf.reshape(tf.tile(tf.expandDims(routed, 1), [1, topK]), [count, 1]);
    const hot = tf.cast(oneHot(tf.reshape(choices, [count]), experts), 'float32');
    const chosen = tf.mul(hot, isRouted) as tf.Tensor2D;
    const filled = tf.ceil(tf.div(tf.sum(chosen, 0), block)) as tf.Tensor1D;
    const firstBlock = tf.cumsum(filled, 0, true) as tf.Tensor1D;
    const place = tf.add(tf.cumsum(chosen, 0, true), tf.mul(firstBlock, block));
    const ofRouted = tf.sum(tf.mul(place, chosen), 1, true);
    const slotOf = tf.cast(tf.where(tf.cast(isRouted, 'bool'), ofRouted, slots), 'int32') as tf.Tensor2D;
    // Choices are written shifted, so that a slot that nothing is written to reads as T k. What is not routed lands behind the end.
    const written = tf.scatterND(slotOf, tf.range(-count, 0, 1, 'int32'), [slots + 1]);
    const choiceOf = tf.add(tf.slice(written, [0], [slots]), tf.scalar(count, 'int32')) as tf.Tensor1D;
    const passed = tf.greaterEqual(tf.expandDims(tf.range(0, blocks), 1), tf.expandDims(tf.add(firstBlock, filled), 0));
    const expertOf = tf.minimum(tf.sum(tf.cast(passed, 'int32'), 1), tf.scalar(experts - 1, 'int32')) as tf.Tensor1D;
    return { slotOf: tf.reshape(slotOf, [tokens, topK]) as tf.Tensor2D, choiceOf, expertOf };
  });
}

/** Where tokens go to be read by their experts, and where the results come back from. T tokens, k choices each. */
export type ExpertOrder = {
  /** [slots] choice (token x k + rank) that each slot reads; T k where empty. */
  there: tf.Tensor1D;
  /** [T k] slot of every choice; the count of slots where a token has no such choice. */
  back: tf.Tensor1D;
};

/**
 * The order in which a batch's tokens are read: first the blocks of the ordinary experts, then the slots of the named groups, which the
 * batch knows and which follow its first `ordinary` slots. A token of a named group has one choice, its first.
 */
export function expertOrder(
  { slotOf, choiceOf }: Pick<Dispatch, 'slotOf' | 'choiceOf'>,
  { rowOfSlot, slotOfRow }: Pick<BatchTensors, 'rowOfSlot' | 'slotOfRow'>,
  ordinary: number,
): ExpertOrder {
  return tf.tidy(() => {
    const topK = slotOf.shape[1];
    const named = tf.mul(tf.slice(rowOfSlot, [ordinary]), tf.scalar(topK, 'int32'));
    const there = tf.concat([choiceOf, named], 0) as tf.Tensor1D;
    const first = tf.add(slotOfRow, tf.scalar(choiceOf.size - ordinary, 'int32'));
    const others: [number, number][] = [
      [0, 0],
      [0, topK - 1],
    ];
    const known = tf.pad(tf.expandDims(first, 1), others, there.size);
    const isOrdinary = tf.expandDims(tf.less(slotOfRow, tf.scalar(ordinary, 'int32')), 1);
    const back = tf.reshape(tf.where(isOrdinary, slotOf, known), [-1]) as tf.Tensor1D;
    return { there, back };
  });
}
