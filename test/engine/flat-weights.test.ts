import { expect, test } from 'vitest';
import { flatten, unflatten } from '../../src/engine/flat-weights.js';
import * as tf from '../../src/engine/tf.js';

test.each([[['a']], [['b', 'a']]])('the weights %j of a flat tensor have its gradient', (names) => {
  tf.tidy(() => {
    const weights = Object.fromEntries(names.map((name) => [name, tf.tensor2d([1, 2, 3, 4], [2, 2])]));
    const { parameters, layout } = flatten(weights);
    const squares = (flat: tf.Tensor) =>
      tf.addN(Object.values(unflatten(flat as tf.Tensor1D, layout)).map((weight) => tf.sum(tf.square(weight))));
    expect([...tf.grad(squares)(parameters).dataSync()]).toEqual(names.flatMap(() => [2, 4, 6, 8]));
  });
});
