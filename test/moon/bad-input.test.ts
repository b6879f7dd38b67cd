import { describe, expect, test } from 'vitest';
import type { Product } from '../../src/data/types.js';
import { flatten, unflatten } from '../../src/engine/flat-weights.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { infoNce } from '../../src/losses/info-nce.js';
import type { ExpertsOption } from '../../src/moon/experts/option.js';
import { embedBatch, initMoon } from '../../src/moon/model.js';
import { productSequence, type Sequence } from '../../src/moon/sequence.js';
import { ints, numberOf } from '../losses/rows.js';
import { batchOf, picture, products, reading, smallModel } from './small.js';

const [apple, onlyTitle, juice] = products;
const many: Product = { ...apple, id: 'many', images: Array.from({ length: 12 }, (_, at) => picture(`many-${at}`)) };
const long: Product = { ...juice, id: 'long', attributes: { note: ['sour '.repeat(80)] } };
const onlyImage: Product = { ...juice, id: 'image', title: '', attributes: {} };
const onlyAttribute: Product = { ...onlyTitle, id: 'attribute', title: '', attributes: { colour: ['red'] } };

describe.each<ExpertsOption>([
  { kind: 'none' },
  { kind: 'plain', count: 3, topK: 1, blocks: [1] },
  { kind: 'guided', count: 5, topK: 2, blocks: [0, 1] },
])('a step with experts %o', (experts) => {
  const model = smallModel(experts);
  const { parameters, layout } = flatten(initMoon(model, randomStream(1, 'init')));
  const sequenceOf = (product: Product) => productSequence(product, { ...reading(model), images: 12 });

  /** Loss and gradient of products that ask for themselves. */
  function step(
    sequences: Sequence[],
    numbers = sequences.map((_, at) => at),
    spoil?: (pictures: tf.Tensor) => tf.Tensor,
  ) {
    const { batch, tensors } = batchOf(model, sequences);
    const pictures = spoil ? spoil(tensors.pictures as tf.Tensor) : tensors.pictures;
    const given = { ...tensors, pictures };
    const labels = {
      positiveOf: ints(sequences.map((_, at) => at)),
      queryProducts: ints(numbers),
      itemProducts: ints(numbers),
    };
    const rows = (flat: tf.Tensor) =>
      embedBatch(model, unflatten(flat as tf.Tensor1D, layout), batch, given).embeddings;
    const { value, grad } = tf.valueAndGrad((flat: tf.Tensor) => {
      const embeddings = rows(flat);
      return infoNce({ ...labels, queries: embeddings, items: embeddings }, tf.scalar(0.1)).total;
    })(parameters);
    return { loss: numberOf(value), gradient: grad.dataSync(), embeddings: rows(parameters).arraySync() as number[][] };
  }

  test.each<[string, Product[]]>([
    ['a product with nothing but a title', [apple, onlyTitle]],
    ['products without a category', [juice, onlyTitle]],
    ['a product of 12 images', [many, juice]],
    ['an attribute of 400 characters', [long, apple]],
    ['a product with nothing but an image', [onlyImage, apple]],
    ['a product with nothing but an attribute', [onlyAttribute, apple]],
    ['a batch without images', [onlyTitle, onlyAttribute]],
  ])('%s: finite, and something to learn', (_, some) => {
    const { loss, gradient, embeddings } = step(some.map(sequenceOf));
    expect(loss).toBeGreaterThan(0);
    expect(gradient.every(Number.isFinite)).toBe(true);
    expect(gradient.some((value) => value !== 0)).toBe(true);
    for (const row of embeddings) expect(Math.hypot(...row)).toBeCloseTo(1, 4);
  });

  test.each<[string, Product[], number[]]>([
    ['a batch of one', [apple], [0]],
    ['all ids equal', [apple, juice, onlyTitle], [7, 7, 7]],
  ])('%s: nobody is a negative, loss and gradient are 0', (_, some, numbers) => {
    const { loss, gradient } = step(some.map(sequenceOf), numbers);
    expect(loss).toBe(0);
    expect(gradient.every((value) => value === 0)).toBe(true);
  });

  test('a picture that is not a number spoils the loss, and no embedding but its own', () => {
    const sequences = [apple, juice, onlyTitle].map(sequenceOf);
    const whole = step(sequences);
    // The last picture is the crop of the second product.
    const spoil = (pictures: tf.Tensor) => {
      const [good, last] = tf.split(pictures, [pictures.shape[0] - 1, 1]);
      return tf.concat([good, tf.mul(last, Number.NaN)]);
    };
    const { loss, embeddings } = step(sequences, [0, 1, 2], spoil);
    expect(loss).toBeNaN();
    expect(embeddings[1].every(Number.isNaN)).toBe(true);
    // Where its tokens are sent decides where others stand among the rows of a product: to the last digit on some processors only.
    for (const at of [0, 2])
      for (const [i, value] of embeddings[at].entries()) expect(value).toBeCloseTo(whole.embeddings[at][i], 6);
  });
});
