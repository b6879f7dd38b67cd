import * as tf from '../engine/tf.js';
import type { SlotsOption } from './pooling-option.js';

/**
 * The token of each sequence whose hidden state is the first slot, as weights [sequences, length]. `image`: the token after the last visual token,
 * which reads the pictures alone under causal attention (NoteLLM-2's image slot); `text`, a control: the token before the last. A sequence
 * without pictures, or of one token, has its last token there.
 * @param mask [sequences, length] 1 at real tokens
 * @param isVisual [sequences, length] 1 at visual tokens
 */
export function firstSlot(mask: tf.Tensor2D, isVisual: tf.Tensor2D, { first = 'image' }: SlotsOption): tf.Tensor2D {
  const place = first === 'image' ? after(lastOf(isVisual)) : before(lastOf(mask));
  const present = tf.sum(tf.mul(place, mask), 1, true);
  return tf.add(tf.mul(place, mask), tf.mul(lastOf(mask), tf.sub(1, present))) as tf.Tensor2D;
}

/** 1 at the last 1 of each row: where the sum from the end is 1 for the first time. */
export function lastOf(mask: tf.Tensor2D): tf.Tensor2D {
  const counted = tf.mul(tf.cumsum(mask, 1, false, true), mask);
  return tf.cast(tf.equal(counted, 1), 'float32') as tf.Tensor2D;
}

const after = (place: tf.Tensor2D): tf.Tensor2D => {
  const [rows, length] = place.shape;
  return tf.concat([tf.zeros([rows, 1]), tf.slice(place, [0, 0], [rows, length - 1])], 1) as tf.Tensor2D;
};

const before = (place: tf.Tensor2D): tf.Tensor2D => {
  const [rows, length] = place.shape;
  return tf.concat([tf.slice(place, [0, 1], [rows, length - 1]), tf.zeros([rows, 1])], 1) as tf.Tensor2D;
};
