import type { Weights } from '../../engine/flat-weights.js';
import type { RandomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';

/**
 * New weights of these shapes, as of a language model: biases 0, norm scales 1, matrices from normal(0, range), each with a random stream of its own
 * that is named like it.
 */
export function initDecoder(shapes: Record<string, number[]>, range: number, stream: RandomStream): Weights {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const size = shape.reduce((product, side) => product * side, 1);
      const own = stream.child(name);
      const value = name.endsWith('.bias') ? () => 0 : shape.length === 1 ? () => 1 : () => range * own.normal();
      return [name, tf.tensor(Float32Array.from({ length: size }, value), shape)];
    }),
  );
}
