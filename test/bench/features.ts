import { existsSync } from 'node:fs';
import type { Pair } from '../../src/data/types.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { type Features, loadFeatures } from '../../src/pictures/frozen/features.js';
import { pictureNumbers } from '../../src/pictures/picture-numbers.js';
import type { Bench, BenchRow } from './table.js';

const SHARED = new URL('../../../shared/data/', import.meta.url).pathname;
const MODEL = `${SHARED}models/efficientnet-lite0`;
const PHOTOS = `${SHARED}grocery-store/dataset`;
/** Training photos of a product at most: all 2,640 would take minutes, and are bursts of few scenes anyway. */
const PER_PRODUCT = 12;

/**
 * What a frozen EfficientNet-lite0 alone tells of validation photos of grocery products, through the features that `vision: onnx`
 * reads. With all training photos a Python script measured 61 (centroid) and 67 (linear probe).
 */
export const rows: Bench = async () => {
  if (!existsSync(MODEL) || !existsSync(PHOTOS)) {
    console.error('features: ../shared/data is not there; nothing to measure');
    return [];
  }
  const { pairs } = await openCatalogue(PHOTOS);
  const shuffled = randomStream(1, 'bench features').shuffle(pairs.filter(({ query }) => query.image));
  const seen = new Map<string, number>();
  const train = shuffled.filter(({ product, split }) => {
    if (split !== 'train') return false;
    seen.set(product, (seen.get(product) ?? 0) + 1);
    return seen.get(product)! <= PER_PRODUCT;
  });
  const val = shuffled.filter(({ split }) => split === 'val');
  const started = performance.now();
  const features = await loadFeatures(
    pictureNumbers([...train, ...val].map(({ query }) => ({ image: query.image! }))),
    {
      vision: { kind: 'onnx', model: MODEL, width: 1280, pool: 1 },
      augment: grocery.augment,
      varied: new Set(),
    },
  );
  const seconds = (performance.now() - started) / 1000;
  const row = (name: string, ours: number, unit: string): BenchRow => ({ name, ours, rival: null, ratio: null, unit });
  const [centroid, linear] = tf.tidy(() => {
    const names = [...seen.keys()];
    const [known, asked] = [train, val].map((some) => inputOf(features, some));
    const labels = tf.oneHot(labelsOf(train, names), names.length) as tf.Tensor2D;
    const gold = labelsOf(val, names);
    const nearest = tf.matMul(asked, centroids(known, labels), false, true);
    return [accuracy(nearest, gold), accuracy(tf.matMul(asked, probe(known, labels)), gold)];
  });
  const about = `val photo -> product, ${train.length} training photos`;
  const unit = `R@1, % of ${val.length} (more is better)`;
  return [
    row('EfficientNet-lite0, 224 px', (train.length + val.length) / seconds, 'images/s (more is better)'),
    row(`${about}: centroid`, centroid, unit),
    row(`${about}: linear probe`, linear, unit),
  ];
};

/** Rows of length 1 [photos, width]. */
function inputOf(features: Features, pairs: Pair[]): tf.Tensor2D {
  const rows = tf.squeeze(features.inputOf(pairs.map(({ query }) => ({ image: query.image! }))), [1]) as tf.Tensor2D;
  return tf.div(rows, tf.norm(rows, 2, 1, true));
}

const labelsOf = (pairs: Pair[], names: string[]) =>
  tf.tensor1d(
    pairs.map(({ product }) => names.indexOf(product)),
    'int32',
  );

function accuracy(scores: tf.Tensor, gold: tf.Tensor1D): number {
  return 100 * tf.mean(tf.cast(tf.equal(tf.argMax(scores, 1), gold), 'float32')).dataSync()[0];
}

function centroids(known: tf.Tensor2D, labels: tf.Tensor2D): tf.Tensor2D {
  const sums = tf.matMul(labels, known, true) as tf.Tensor2D;
  return tf.div(sums, tf.norm(sums, 2, 1, true));
}

/** Softmax regression [width, products] by plain gradient descent with momentum. */
function probe(known: tf.Tensor2D, labels: tf.Tensor2D): tf.Tensor2D {
  let weight = tf.zeros([known.shape[1], labels.shape[1]]) as tf.Tensor2D;
  let speed = tf.zerosLike(weight);
  for (let step = 0; step < 300; step++)
    [weight, speed] = tf.tidy(() => {
      const error = tf.sub(tf.softmax(tf.mul(tf.matMul(known, weight), 20)), labels) as tf.Tensor2D;
      const gradient = tf.div(tf.matMul(known, error, true), known.shape[0]) as tf.Tensor2D;
      const next = tf.sub(tf.mul(speed, 0.9), tf.mul(gradient, 1)) as tf.Tensor2D;
      return [tf.add(weight, next) as tf.Tensor2D, next];
    });
  return weight;
}
