import { describe, expect, it } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import { gatherRows, norms, permute, sigmoidGradient, statelessUniform } from '../../src/engine/native-ops.js';
import * as tf from '../../src/engine/tf.js';
import { expectClose, expectSameFunction, normal } from '../backbones/close.js';

describe('gatherRows', () => {
  it('equals a product with one-hot rows, gradient included', () => {
    tf.tidy(() => {
      const indices = tf.tensor1d([3, 0, 3, 4], 'int32');
      const byProduct = (table: tf.Tensor) =>
        tf.matMul(tf.cast(tf.oneHot(indices, 6), 'float32') as tf.Tensor2D, table as tf.Tensor2D);
      expectSameFunction((table) => gatherRows(table as tf.Tensor2D, indices), byProduct, [normal('table', 6, 5)]);
    });
  });

  it('refuses an index outside the table', () => {
    tf.tidy(() => {
      expect(() => gatherRows(tf.ones([2, 3]), tf.tensor1d([2], 'int32')).dataSync()).toThrow(/not in \[0, 2\)/);
    });
  });
});

describe('permute', () => {
  it('equals a product with a permutation matrix, gradient included', () => {
    tf.tidy(() => {
      const [order, inverse] = [
        [2, 0, 3, 1],
        [1, 3, 0, 2],
      ].map((each) => tf.tensor1d(each, 'int32'));
      const matrix = tf.cast(tf.oneHot(order, 4), 'float32') as tf.Tensor2D;
      expectSameFunction(
        (x) => permute(x as tf.Tensor3D, order, inverse),
        (x) => tf.matMul(tf.tile(tf.expandDims(matrix, 0), [2, 1, 1]), x as tf.Tensor3D),
        [normal('items', 2, 4, 3)],
      );
    });
  });
});

describe('operations without a gradient', () => {
  it('norms are roots of sums of squares', () => {
    tf.tidy(() => {
      const x = normal('x', 4, 7);
      expectClose(norms(x), tf.sqrt(tf.sum(tf.square(x), -1, true)));
    });
  });

  it('sigmoidGradient is the gradient of sigmoid', () => {
    tf.tidy(() => {
      const [x, dy] = [normal('x', 9), normal('dy', 9)];
      expectClose(sigmoidGradient(tf.sigmoid(x), dy), tf.grad((each) => tf.sigmoid(each))(x, dy));
    });
  });

  it('statelessUniform depends on the seed alone and is uniform', () => {
    tf.tidy(() => {
      const draw = (seed: number[]) => statelessUniform([20_000], tf.tensor1d(seed, 'int32'));
      const numbers = draw([1, 2]);
      expect(numbers.dataSync()).toEqual(draw([1, 2]).dataSync());
      expect(numbers.dataSync()).not.toEqual(draw([1, 3]).dataSync());
      const { mean, variance } = tf.moments(numbers);
      expect(mean.dataSync()[0]).toBeCloseTo(1 / 2, 2);
      expect(variance.dataSync()[0]).toBeCloseTo(1 / 12, 2);
    });
  });
});

it('leaves no tensors behind', async () => {
  const { leaked } = await countLeaks(() => {
    tf.tidy(() => {
      gatherRows(normal('table', 6, 5) as tf.Tensor2D, tf.tensor1d([1, 2], 'int32'));
      permute(normal('items', 2, 2, 3) as tf.Tensor3D, tf.tensor1d([1, 0], 'int32'), tf.tensor1d([1, 0], 'int32'));
      norms(normal('x', 4, 7));
      statelessUniform([3], tf.tensor1d([1, 2], 'int32'));
    });
  });
  expect(leaked).toBe(0);
});
