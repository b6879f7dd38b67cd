import { describe, expect, it } from 'vitest';
import { groupNorm } from '../../../src/backbones/layers/group-norm.js';
import {
  drop,
  gelu,
  geluTanh,
  layerNorm,
  linear,
  rmsNorm,
  silu,
  swiglu,
} from '../../../src/backbones/layers/layers.js';
import { countLeaks } from '../../../src/engine/memory.js';
import * as tf from '../../../src/engine/tf.js';

import { expectSameFunction, normal } from '../close.js';

/** Each fused layer beside the same formula in small operations, whose gradients tfjs derives. */
describe('a layer equals its formula, gradients included', () => {
  const [x, y, gain] = [normal('x', 5, 8), normal('y', 5, 8), normal('gain', 8)];

  it('linear', () => {
    const truth = (a: tf.Tensor, w: tf.Tensor, b: tf.Tensor) =>
      tf.add(tf.sum(tf.mul(tf.expandDims(a, 1), tf.expandDims(w, 0)), 2), b);
    const ours = (a: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => linear(a as tf.Tensor2D, w, b);
    expectSameFunction(ours, truth, [x, normal('w', 3, 8), normal('b', 3)]);
  });

  it('rmsNorm', () => {
    const truth = (a: tf.Tensor, g: tf.Tensor) =>
      tf.mul(g, tf.div(a, tf.sqrt(tf.add(tf.mean(tf.square(a), -1, true), 1e-3))));
    expectSameFunction((a, g) => rmsNorm(a as tf.Tensor2D, g, 1e-3), truth, [x, gain]);
  });

  it('swiglu', () => {
    const truth = (a: tf.Tensor, b: tf.Tensor) => tf.mul(tf.div(a, tf.add(1, tf.exp(tf.neg(a)))), b);
    expectSameFunction((a, b) => swiglu(a, b), truth, [x, y]);
  });

  it('silu', () => {
    expectSameFunction(silu, (a) => tf.div(a, tf.add(1, tf.exp(tf.neg(a)))), [x]);
  });

  it('gelu', () => {
    expectSameFunction(gelu, (a) => tf.mul(a, tf.mul(0.5, tf.add(1, tf.erf(tf.div(a, Math.SQRT2))))), [x]);
  });

  it('geluTanh', () => {
    const inner = (a: tf.Tensor) => tf.mul(Math.sqrt(2 / Math.PI), tf.add(a, tf.mul(0.044715, tf.pow(a, 3))));
    expectSameFunction(geluTanh, (a) => tf.mul(tf.mul(0.5, a), tf.add(1, tf.tanh(inner(a)))), [x]);
  });

  it('layerNorm', () => {
    const truth = (a: tf.Tensor, g: tf.Tensor, b: tf.Tensor) => {
      const { mean, variance } = tf.moments(a, 1, true);
      return tf.add(tf.mul(tf.div(tf.sub(a, mean), tf.sqrt(tf.add(variance, 1e-3))), g), b);
    };
    const ours = (a: tf.Tensor, g: tf.Tensor, b: tf.Tensor) => layerNorm(a as tf.Tensor2D, g, b, 1e-3);
    expectSameFunction(ours, truth, [x, gain, normal('b', 8)]);
  });

  it.each([16, 6])('groupNorm over %i channels', (channels) => {
    const groups = channels === 16 ? 2 : 1;
    const truth = (a: tf.Tensor, g: tf.Tensor, b: tf.Tensor) => {
      const grouped = tf.reshape(a, [2, 12, groups, channels / groups]);
      const { mean, variance } = tf.moments(grouped, [1, 3], true);
      const normed = tf.div(tf.sub(grouped, mean), tf.sqrt(tf.add(variance, 1e-5)));
      return tf.add(tf.mul(tf.reshape(normed, a.shape), g), b);
    };
    const image = tf.add(normal('image', 2, 3, 4, channels), 0.5);
    const ours = (a: tf.Tensor, g: tf.Tensor, b: tf.Tensor) => groupNorm(a as tf.Tensor4D, g, b);
    expectSameFunction(ours, truth, [image, normal('g', channels), normal('b', channels)], 1e-4);
  });
});

describe('dropout', () => {
  const dropout = { rate: 0.25, seed: tf.tensor1d([3, 4], 'int32') };

  it('drops its share, scales the rest, and repeats with its seed', () => {
    tf.tidy(() => {
      const ones = tf.ones([100, 100]);
      const first = drop(ones, dropout, 0).dataSync();
      expect(first).toEqual(drop(ones, dropout, 0).dataSync());
      expect(first).not.toEqual(drop(ones, dropout, 1).dataSync());
      const kept = first.filter((value) => value !== 0);
      expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.75)]));
      expect(kept.length / first.length).toBeCloseTo(0.75, 1);
    });
  });

  it('is nothing at rate 0 or without options', () => {
    const x = normal('x', 5, 8);
    expect(drop(x, { ...dropout, rate: 0 }, 0)).toBe(x);
    expect(drop(x, undefined, 0)).toBe(x);
  });
});

it('leaves no tensors behind', async () => {
  const [x, gain] = [normal('x', 5, 8) as tf.Tensor2D, normal('gain', 8)];
  const { leaked } = await countLeaks(() => {
    tf.tidy(() => {
      tf.grads((a, g) => gelu(silu(swiglu(rmsNorm(a as tf.Tensor2D, g, 1e-6), a))))([x, gain]);
    });
  });
  expect(leaked).toBe(0);
});
