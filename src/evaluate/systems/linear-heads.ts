import { setImmediate } from 'node:timers/promises';
import type { Catalogue } from '../../data/types.js';
import { longCall } from '../../engine/long-call.js';
import { randomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import { unit } from '../../losses/unit-rows.js';
import type { Field } from '../../moon/sequence.js';
import { pickVectors } from '../../search/pick-vectors.js';
import { productsById } from '../../tasks/subjects.js';
import type { Input } from '../../tasks/task.js';
import { imageOnly } from '../../tasks/withhold.js';
import type { FrozenVectors } from './frozen-vectors.js';
import type { SystemProgress } from './system.js';
import type { VectorSource } from './vector-system.js';

/** Width of the vectors that the heads give, updates, pairs of an update, learning rate, temperature: fixed, not tuned on any data. */
const WIDTH = 256;
const UPDATES = 300;
const PAIRS = 512;
const RATE = 1e-3;
const TEMPERATURE = 0.05;

/**
 * The baseline of two linear heads: one map of frozen picture features and one of frozen sentence vectors into a common space, trained on the
 * catalogue's training pairs by InfoNCE with in-batch negatives; the vector of an input is the sum of its parts. Where the queries are the titles
 * themselves, items are shown by their picture alone.
 * @throws UserError if it is interrupted
 */
export async function trainLinearHeads(
  frozen: FrozenVectors,
  catalogue: Catalogue,
  { onProgress, signal }: SystemProgress = {},
): Promise<VectorSource> {
  const { queries, items, products } = trainingPairs(catalogue);
  const [asked, offered] = [frozen.of(queries), frozen.of(items)];
  const stream = randomStream(0, 'linear-heads');
  const start = Float32Array.from({ length: frozen.width * WIDTH }, () => stream.normal() / Math.sqrt(WIDTH));
  const weight = tf.tidy(() => tf.variable(tf.tensor2d(start, [frozen.width, WIDTH])));
  const adam = tf.train.adam(RATE);
  const count = Math.min(PAIRS, queries.length);
  await longCall(signal, async (call) => {
    for (let step = 0; step < UPDATES; step++) {
      call.signal.throwIfAborted();
      const rows = Array.from({ length: count }, () => stream.integer(queries.length));
      tf.tidy(() => {
        const [q, i] = [asked, offered].map((all) =>
          tf.tensor2d(pickVectors(all, frozen.width, rows), [count, frozen.width]),
        );
        const same = sameProduct(rows.map((row) => products[row]));
        void adam.minimize(() => pairLoss(q, i, same, weight), false, [weight]);
      });
      call.show({ label: 'linear heads', done: step + 1, total: UPDATES });
      onProgress?.({ label: 'linear heads', done: step + 1, total: UPDATES });
      await setImmediate(); // let timers and interrupts run
    }
  });
  const learned = weight.dataSync() as Float32Array;
  weight.dispose();
  adam.dispose();
  return {
    width: WIDTH,
    of(inputs) {
      const vectors = frozen.of(inputs);
      return tf.tidy(
        () =>
          tf
            .matMul(tf.tensor2d(vectors, [inputs.length, frozen.width]), tf.tensor2d(learned, [frozen.width, WIDTH]))
            .dataSync() as Float32Array,
      );
    },
  };
}

/** InfoNCE from queries to items; items of the query's own product are no negatives. */
function pairLoss(queries: tf.Tensor2D, items: tf.Tensor2D, same: tf.Tensor2D, weight: tf.Variable): tf.Scalar {
  const [q, i] = [queries, items].map((side) => unit(tf.matMul(side, weight as unknown as tf.Tensor2D) as tf.Tensor2D));
  const logits = tf.div(tf.matMul(q, i, false, true), TEMPERATURE);
  const own = tf.sum(tf.mul(logits, tf.eye(queries.shape[0])), 1);
  const masked = tf.sub(logits, tf.mul(same, 1e9));
  return tf.mean(tf.sub(tf.logSumExp(masked, 1), own)) as tf.Scalar;
}

/** 1 where two rows are of one product and not the same row: [rows, rows]. */
function sameProduct(products: readonly string[]): tf.Tensor2D {
  const values = new Float32Array(products.length ** 2);
  products.forEach((one, row) => {
    products.forEach((other, column) => {
      if (row !== column && one === other) values[row * products.length + column] = 1;
    });
  });
  return tf.tensor2d(values, [products.length, products.length]);
}

function trainingPairs(catalogue: Catalogue): { queries: Input[]; items: Input[]; products: string[] } {
  const byId = productsById(catalogue);
  const pairs = catalogue.pairs.filter(({ split, product }) => split === 'train' && byId.has(product));
  const areTitles = pairs.every(({ query, product }) => query.text === byId.get(product)!.title);
  const withhold: readonly Field[] = areTitles ? imageOnly : [];
  return {
    queries: pairs.map(({ query }) => ({ kind: 'query', query })),
    items: pairs.map(({ product }) => ({ kind: 'product', product: byId.get(product)!, withhold })),
    products: pairs.map(({ product }) => product),
  };
}
