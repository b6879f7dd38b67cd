import * as tf from './tf.js';

/** Run `work` and say how many tensors it left behind; what it returns counts as kept when it is passed to `kept`. */
export async function countLeaks<T>(
  work: () => T | Promise<T>,
  kept: (result: T) => number = () => 0,
): Promise<{ result: T; leaked: number }> {
  tf.backend(); // start the engine first: constants of its own are not a leak
  const before = tf.memory().numTensors;
  const result = await work();
  return { result, leaked: tf.memory().numTensors - before - kept(result) };
}
