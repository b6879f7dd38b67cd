import { gatherRows } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';

/**
 * Rows of `x` [rows, width] moved to new places: `there` [slots] names the row of each slot, `back` [rows] the slot of each row.
 * An index one behind the end stands for a row of zeros. Each row stands in at most one slot, so the gradient is the way back
 * and not a sum.
 */
export function moveRows(x: tf.Tensor2D, there: tf.Tensor1D, back: tf.Tensor1D): tf.Tensor2D {
  const move = tf.customGrad((rows, save) => {
    (save as tf.GradSaveFunc)([back]);
    return {
      value: takeOrZero(rows as tf.Tensor2D, there),
      gradFunc: (dy, [places]) => takeOrZero(dy as tf.Tensor2D, places as tf.Tensor1D),
    };
  });
  return move(x) as tf.Tensor2D;
}

function takeOrZero(x: tf.Tensor2D, indices: tf.Tensor1D): tf.Tensor2D {
  return gatherRows(tf.concat([x, tf.zeros([1, x.shape[1]])], 0), indices);
}
