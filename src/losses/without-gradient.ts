import * as tf from '../engine/tf.js';

/** What `compute` makes of tensors, with a gradient of zero with respect to all of them. `compute` need not be differentiable. */
export function withoutGradient<T extends tf.Tensor>(
  inputs: readonly tf.Tensor[],
  compute: (...inputs: tf.Tensor[]) => T,
): T {
  const run = tf.customGrad((...given) => {
    const save = given.pop() as tf.GradSaveFunc;
    const tensors = given as tf.Tensor[];
    save(tensors);
    return {
      value: compute(...tensors),
      gradFunc: (_, saved) => saved.map((each) => tf.zerosLike(each)),
    };
  });
  return run(...inputs) as T;
}
