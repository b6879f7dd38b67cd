import { expect, test } from 'vitest';
import { compile } from '../../src/engine/compile/compile.js';
import { flatten, unflatten } from '../../src/engine/flat-weights.js';
import { nameTensors, treeOf } from '../../src/engine/named-tensors.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import type { Batch, BatchTensors } from '../../src/moon/batch.js';
import type { ExpertsOption } from '../../src/moon/experts/option.js';
import { embedBatch, initMoon } from '../../src/moon/model.js';
import { productSequence } from '../../src/moon/sequence.js';
import { batchOf, products, reading, smallModel } from './small.js';

type Inputs = { parameters: tf.Tensor1D; batch: BatchTensors };

test.each<ExpertsOption>([
  { kind: 'plain', count: 4, topK: 1, blocks: [0, 1] },
  { kind: 'guided', count: 5, topK: 2, blocks: [1] },
])('one graph embeds and has the gradient of experts that run operation by operation: %o', (experts) => {
  const model = smallModel(experts);
  const { parameters, layout } = flatten(initMoon(model, randomStream(1, 'init')));
  const step = (named: Record<string, tf.Tensor>, groups: Batch['groups']) => {
    const { parameters, batch } = treeOf<Inputs>(named);
    const embed = (flat: tf.Tensor) => embedBatch(model, unflatten(flat as tf.Tensor1D, layout), { groups }, batch);
    const weigh = (rows: tf.Tensor) => tf.mul(rows, tf.reshape(tf.range(0, rows.size), rows.shape));
    return tf.tidy(() => ({
      embeddings: embed(parameters).embeddings,
      gradient: tf.grad((flat: tf.Tensor) => tf.sum(weigh(embed(flat).embeddings)) as tf.Scalar)(parameters),
    }));
  };
  const compiled = compile(step, { name: 'experts' });
  const sequences = products.map((product) => productSequence(product, reading(model)));
  const { batch, tensors } = batchOf(model, sequences);
  const runs = [1, 2].map(() => {
    const inputs = nameTensors({ parameters, batch: tensors });
    const [slow, fast] = [step(inputs, batch.groups), compiled(inputs, batch.groups)];
    const largest = (x: tf.Tensor) => tf.max(tf.abs(x)).dataSync()[0];
    expect(largest(tf.sub(slow.embeddings, fast.embeddings))).toBeLessThan(1e-5 * largest(slow.embeddings));
    const gradients = [slow, fast].map(({ gradient }) => unflatten(gradient as tf.Tensor1D, layout));
    for (const name of Object.keys(gradients[0])) {
      const [one, other] = gradients.map((each) => each[name]);
      // Below this nothing but rounding is left of a gradient that is 0, such as that of a bias of keys.
      const max = Math.max(largest(one), 1e-4 * largest(slow.gradient));
      expect(largest(tf.sub(one, other)), name).toBeLessThan(1e-4 * max);
    }
    return [...fast.embeddings.dataSync()];
  });
  expect(runs[1]).toEqual(runs[0]);
  expect(compiled.report().shapes).toBe(1);
});

// All ordinary experts: a router at its start is nearly undecided, and rounding may change which is first.
test.each<ExpertsOption>([{ kind: 'none' }, { kind: 'guided', count: 5, topK: 3, blocks: [1] }])(
  'products in bfloat16 move no gradient by more than 3 percent: %o',
  (experts) => {
    const model = smallModel(experts);
    const { parameters, layout } = flatten(initMoon(model, randomStream(1, 'init')));
    const step = (named: Record<string, tf.Tensor>, groups: Batch['groups']): Record<string, tf.Tensor> => {
      const { parameters, batch } = treeOf<Inputs>(named);
      const embed = (flat: tf.Tensor) =>
        embedBatch(model, unflatten(flat as tf.Tensor1D, layout), { groups }, batch).embeddings;
      const loss = (flat: tf.Tensor) => {
        const rows = embed(flat);
        const target = tf.cos(tf.reshape(tf.range(0, rows.size), rows.shape));
        return tf.sum(tf.mul(rows, target)) as tf.Scalar;
      };
      return tf.tidy(() => ({ gradient: tf.grad(loss)(parameters) }));
    };
    const sequences = products.map((product) => productSequence(product, reading(model)));
    const { batch, tensors } = batchOf(model, sequences);
    const inputs = nameTensors({ parameters, batch: tensors });
    const [half, full] = (['bfloat16', 'float32'] as const).map((precision) => {
      const { gradient } = compile(step, { name: 'half', precision })(inputs, batch.groups);
      return unflatten(gradient as tf.Tensor1D, layout);
    });
    const norm = (x: tf.Tensor) => tf.norm(x).dataSync()[0];
    const whole = Math.hypot(...Object.values(full).map(norm));
    for (const name of Object.keys(full)) {
      // Of a gradient that is 0, such as that of a bias of keys, rounding alone is left.
      if (norm(full[name]) < 1e-4 * whole) continue;
      expect(norm(tf.sub(half[name], full[name])) / norm(full[name]), name).toBeLessThan(3e-2);
    }
  },
);
