import { gatherRows } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';

/**
 * Move rows of `x` [rows, width] to slots: `order` [slots] is the row of each slot, `inverse` [rows] the slot of each row. The index after
 * the last one stands for a row of zeros. Each row is in at most one slot, so the gradient is the inverse permutation and needs no sum.
 */
export function moveRows(x: tf.Tensor2D, order: tf.Tensor1D, inverse: tf.Tensor1D): tf.Tensor2D {
  const move = tf.customGrad((rows, save) => {
    (save as tf.GradSaveFunc)([inverse]);
    return {
      value: takeOrZero(rows as tf.Tensor2D, order),
      gradFunc: (dy, [places]) => takeOrZero(dy as tf.Tensor2D, places as tf.Tensor1D),
    };
  });
  return move(x) as tf.Tensor2D;
}

function takeOrZero(x: tf.Tensor2D, indices: tf.Tensor1D): tf.Tensor2D {
  return gatherRows(tf.concat([x, tf.zeros([1, x.shape[1]])], 0), indices);
}
