import { expect, test } from 'vitest';
import * as moon from '../../src/index.js';

const shop = moon.generateShop({ products: 24, imageSize: 32, views: 1, trainQueries: 60, evaluationQueries: 1 });
const some = shop.products.slice(0, 4);
const base: moon.MoonConfig = {
  ...moon.grocery,
  network: { size: 'nano', vocabulary: 300, stem: { kind: 'patch' } },
  imageSize: 32,
};

/** MOON, or an ablation of it, on four products, and a loss: what a notebook writes, in ten lines, from the door alone. */
function stepOf(config: moon.MoonConfig) {
  const { model, tokenizer } = moon.startNetwork(config, shop);
  const weights = moon.model.initMoon(model, moon.randomStream(config.seed, 'init'));
  const region = config.region.kind === 'none' ? undefined : (image: moon.ProductImage) => image.box;
  const read = { tokenizer, imageTokens: moon.model.imageTokens(moon.model.batchOptions(model)), region };
  const sequences = some.map((product) => moon.model.productSequence(product, read));
  const batch = moon.model.buildBatch(sequences, moon.model.batchOptions(model));
  const tensors = moon.model.uploadBatch(batch, moon.tf.randomUniform([batch.images.length, 32, 32, 3]));
  const { embeddings: items, experts } = moon.model.embedBatch(model, weights, batch, tensors);
  const given = { queries: items, items, positiveOf: rows, queryProducts: rows, itemProducts: rows };
  const loss = moon.losses.contrastiveLoss(
    config.loss,
    given,
    moon.tf.scalar(0.07),
    moon.negatives.sourceUse(config.negatives),
  );
  return { batch, experts, loss };
}
const rows = moon.tf.range(0, some.length, 1, 'int32');
const numberOf = ({ loss }: ReturnType<typeof stepOf>) => loss.total.dataSync()[0];
const whole = stepOf(base);

test('MOON has two pictures a product, an expert layer, and a loss', () => {
  expect(whole.batch.images.length).toBe(2 * some.length);
  expect(whole.experts.length).toBe(1);
  expect(numberOf(whole)).toBeGreaterThan(0);
});

test('each ablation changes what it names', () => {
  expect(stepOf({ ...base, experts: { kind: 'none' } }).experts).toEqual([]);
  const plain = stepOf({ ...base, experts: { kind: 'plain', count: 6, topK: 1, blocks: [1] } });
  expect(plain.experts[0].routing.probabilities.shape[1]).toBe(6);
  expect(whole.experts[0].routing.probabilities.shape[1]).toBe(4);
  expect(stepOf({ ...base, region: { kind: 'none' } }).batch.images.length).toBe(some.length);
  const { negatives } = base;
  expect(numberOf(stepOf({ ...base, negatives: { ...negatives, inBatch: { kind: 'none' } } }))).toBe(0);
});

test.each<Partial<moon.MoonConfig>>([
  { loss: { kind: 'info-nce', symmetric: true } },
  { pooling: { kind: 'last' } },
  { attention: 'causal' },
])('a loss with %o', (change) => {
  const loss = numberOf(stepOf({ ...base, ...change }));
  expect(loss).toBeGreaterThan(0);
  expect(Number.isFinite(loss)).toBe(true);
});
