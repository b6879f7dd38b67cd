import { describe, expect, test } from 'vitest';
import type { Product } from '../../../src/data/types.js';
import { type FlatLayout, flatten, unflatten } from '../../../src/engine/flat-weights.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { statelessUniform } from '../../../src/engine/native-ops.js';
import { randomStream } from '../../../src/engine/random.js';
import * as tf from '../../../src/engine/tf.js';
import { infoNce } from '../../../src/losses/info-nce.js';
import { TEMPERATURE, temperatureOf } from '../../../src/losses/temperature.js';
import { unit } from '../../../src/losses/unit-rows.js';
import type { ExpertsOption } from '../../../src/moon/experts/option.js';
import { embedBatch, initMoon } from '../../../src/moon/model.js';
import { productSequence, querySequence } from '../../../src/moon/sequence.js';
import { groupRows } from '../../../src/negatives/spatial.js';
import { cachedGradient, type MicroEmbedded } from '../../../src/objectives/contrastive/gradient-cache.js';
import { ints, numberOf, unitRows } from '../../losses/rows.js';
import { batchOf, picture, reading, smallModel } from '../../moon/small.js';

const colours = ['green', 'yellow', 'red', 'orange', 'white', 'brown'];

/** Six products, the third without category, the fourth without attributes; a photo of each asks for it. */
const products: Product[] = colours.map((colour, at) => ({
  id: colour,
  title: `${colour} apple`,
  category: at === 2 ? [] : ['Fruit', at % 2 ? 'Apple' : 'Pear'],
  attributes: (at === 3 ? {} : { colour: [colour] }) as Product['attributes'],
  images: [picture(`iconic ${colour}`)],
}));

/** Two groups of three; hard negatives are items that another query of the group bought. */
const labels = () => ({
  positiveOf: ints([0, 1, 2, 3, 4, 5]),
  queryProducts: ints([0, 1, 2, 3, 4, 5]),
  itemProducts: ints([0, 1, 2, 3, 4, 5]),
  hardOf: ints([1, 0, -1, 4, 3, 3]),
  queryGroups: tf.tensor1d(groupRows(6, 2), 'int32'),
  itemGroups: tf.tensor1d(groupRows(6, 2), 'int32'),
  queue: { embeddings: tf.tensor2d(unitRows(8, 'queue', width)), products: ints([0, 3, 9, 9, -1, 5, 8, 7]) },
});
const width = smallModel().network.text.width;

/** Rows 0-5 are queries, the others items. */
function lossOf(given: ReturnType<typeof labels>, temperature: tf.Scalar) {
  return (rows: tf.Tensor2D) => {
    const queries = tf.slice(rows, [0, 0], [6, -1]) as tf.Tensor2D;
    const items = tf.slice(rows, [6, 0]) as tf.Tensor2D;
    return infoNce({ ...given, queries, items }, temperature);
  };
}

const temperatureIn = (weights: Record<string, tf.Tensor>) =>
  temperatureOf({ kind: 'learned', start: 0.07, min: 0.02, max: 0.2 }, weights[TEMPERATURE]);

/** The largest difference of each tensor's gradient, as a share of the tensor's largest gradient. */
function worst(a: tf.Tensor1D, b: tf.Tensor1D, layout: FlatLayout): number {
  const [first, second] = [unflatten(a, layout), unflatten(b, layout)];
  const shares = layout.names.map((name) => {
    const most = numberOf(tf.max(tf.abs(second[name])));
    return numberOf(tf.max(tf.abs(tf.sub(first[name], second[name])))) / (most || 1);
  });
  return Math.max(...shares);
}

describe.each<ExpertsOption>([
  { kind: 'none' },
  { kind: 'guided', count: 5, topK: 1, blocks: [1] },
  { kind: 'guided', count: 5, topK: 2, blocks: [0, 1] },
])('MOON with experts %o', (experts) => {
  const model = smallModel(experts);
  const read = reading(model);
  const sequences = [
    ...products.map(({ id, title }, at) =>
      querySequence({ id, image: picture(`photo ${id}`), ...(at % 2 ? { text: title } : {}) }, read),
    ),
    ...products.map((product) => productSequence(product, read)),
  ];
  const weights = initMoon(model, randomStream(1, 'init'));
  weights[TEMPERATURE] = tf.tensor1d([Math.log(0.07)]);
  const { parameters, layout } = flatten(weights);
  const given = labels();

  const whole = batchOf(model, sequences);
  const embedWhole = (flat: tf.Tensor1D) => embedBatch(model, unflatten(flat, layout), whole.batch, whole.tensors);
  const loss = (rows: tf.Tensor2D, flat: tf.Tensor1D) => lossOf(given, temperatureIn(unflatten(flat, layout)))(rows);

  test.each([[[1, 4, 3, 4]], [[12]], [[5, 1, 6]]])('micro-batches of %o give the gradients of one batch', (sizes) => {
    const rest = [...sequences];
    const micro = sizes.map((size) => batchOf(model, rest.splice(0, size)));
    const chosen: number[][] = [];
    const cached = cachedGradient(
      parameters,
      micro,
      (flat, { batch, tensors }) => {
        const { embeddings, experts } = embedBatch(model, unflatten(flat, layout), batch, tensors);
        chosen.push(experts.flatMap(({ routing }) => [...routing.choices.dataSync()]));
        return { embeddings };
      },
      loss,
    );
    // The second pass replays the router choices of the first.
    expect(chosen.slice(sizes.length)).toEqual(chosen.slice(0, sizes.length));

    const { value, grad } = tf.valueAndGrad((flat: tf.Tensor) => {
      const { embeddings } = embedWhole(flat as tf.Tensor1D);
      return loss(embeddings, flat as tf.Tensor1D).total;
    })(parameters);
    const { embeddings } = embedWhole(parameters);
    const ofEmbeddings = tf.grad((rows: tf.Tensor) => loss(rows as tf.Tensor2D, parameters).total)(embeddings);
    expect(numberOf(cached.loss.total)).toBeCloseTo(numberOf(value), 5);
    expect(numberOf(tf.max(tf.abs(tf.sub(cached.embeddings, embeddings))))).toBeLessThan(1e-5);
    expect(numberOf(tf.max(tf.abs(tf.sub(cached.embeddingGradient, ofEmbeddings))))).toBeLessThan(1e-5);
    expect(worst(cached.gradient, grad as tf.Tensor1D, layout)).toBeLessThan(1e-4);
    expect(numberOf(cached.penalty)).toBe(0);
  });
});

describe('a network with noise and a penalty', () => {
  const parameters = tf.tensor1d(unitRows(6, 'parameters', 7).flat());
  const micro = [0, 1, 2].map((at) => ({
    x: tf.tensor2d(unitRows(4, `inputs ${at}`, 6)),
    seed: tf.tensor1d([at, 7], 'int32'),
  }));
  const embed = (flat: tf.Tensor1D, { x, seed }: (typeof micro)[number]): Required<MicroEmbedded> => {
    const hidden = tf.matMul(x, tf.reshape(flat, [6, 7]));
    const kept = tf.greater(statelessUniform(hidden.shape, seed), 0.3);
    const embeddings = unit(tf.mul(tf.tanh(hidden), tf.cast(kept, 'float32')) as tf.Tensor2D);
    return { embeddings, penalty: tf.mean(tf.square(hidden)) as tf.Scalar };
  };
  const given = labels();
  const loss = (rows: tf.Tensor2D) =>
    infoNce(
      {
        ...given,
        queue: undefined,
        queries: tf.slice(rows, [0, 0], [6, -1]) as tf.Tensor2D,
        items: tf.slice(rows, [6, 0]) as tf.Tensor2D,
      },
      tf.scalar(0.1),
    );

  test('the second pass replays the noise: the gradient is that of one tape over all micro-batches', () => {
    const cached = cachedGradient(parameters, micro, embed, loss);
    const { value, grad } = tf.valueAndGrad((flat: tf.Tensor) => {
      const embedded = micro.map((each) => embed(flat as tf.Tensor1D, each));
      const penalty = tf.mean(tf.stack(embedded.map(({ penalty }) => penalty)));
      return tf.add(
        loss(tf.concat(embedded.map(({ embeddings }) => embeddings)) as tf.Tensor2D).total,
        penalty,
      ) as tf.Scalar;
    })(parameters);
    expect(numberOf(cached.loss.total) + numberOf(cached.penalty)).toBeCloseTo(numberOf(value), 5);
    const [a, b] = [cached.gradient.dataSync(), grad.dataSync()];
    const most = Math.max(...b.map(Math.abs));
    a.forEach((each, at) => {
      expect(Math.abs(each - b[at])).toBeLessThan(1e-5 * most);
    });
  });

  test('leaves only what it returns', async () => {
    const { leaked } = await countLeaks(() => {
      tf.dispose(cachedGradient(parameters, micro, embed, loss));
      tf.tidy(() => cachedGradient(parameters, micro, embed, loss).loss.total).dispose();
    });
    expect(leaked).toBe(0);
  });
});
