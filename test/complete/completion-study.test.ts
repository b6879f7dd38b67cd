import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { completionStudy } from '../../src/complete/completion-study.js';
import { meanFeatures, randomFeatures, withFeatures, zeroFeatures } from '../../src/complete/filled-pictures.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { prepare } from '../../src/encoder/prepare.js';
import { randomStream } from '../../src/engine/random.js';
import type * as tf from '../../src/engine/tf.js';
import { shopOptions, shortConfig } from '../train/run/short-run.js';

const config = {
  ...shortConfig,
  vision: { kind: 'onnx' as const, model: 'test/fixtures/colours', width: 3, pool: 2, views: 1 },
  captioning: { kind: 'captions' as const, fraction: 0.5, questions: ['title'] as const },
  optimizer: { ...shortConfig.optimizer, steps: 4, accumulate: 1 },
};

test('features stand in for those of some images, whole and crop alike, and for no others', async () => {
  const shop = generateShop(shopOptions);
  const { encoder, pixels } = await prepare(config, shop);
  encoder.parameters.dispose();
  const pictures = shop.products.slice(0, 3).map(({ images: [image] }) => ({ image }));
  const [gone] = pictures;
  const shown = [...pictures, { ...gone, crop: pixels.boxOf(gone.image, shop.products[0].title) }];
  const read = (own: typeof pixels) => (own.inputOf(shown) as tf.Tensor3D).arraySync().map((rows) => rows.flat());
  const before = read(pixels);
  const missing = new Set([gone.image.id]);
  const zero = read(withFeatures(pixels, missing, zeroFeatures));
  for (const at of [0, 3]) expect(zero[at].every((value) => value === 0)).toBe(true);
  for (const at of [1, 2]) expect(zero[at]).toEqual(before[at]);
  const mean = read(withFeatures(pixels, missing, meanFeatures(pixels, pictures)));
  mean[0].forEach((value, at) => {
    expect(value).toBeCloseTo((before[0][at] + before[1][at] + before[2][at]) / 3, 5);
  });
  const random = (seed: number) =>
    read(withFeatures(pixels, missing, randomFeatures(randomStream(seed, 'features'))))[0];
  expect(random(1)).toEqual(random(1));
  expect(random(1)).not.toEqual(random(2));
});

test('the study fills titles and pictures in every way, by controls too, and resumes', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'moon-completion-')), 'study');
  const labels: string[] = [];
  const settings = {
    shop: { ...shopOptions, split: { train: 0.6, dev: 0.1, val: 0.3, test: 0 } },
    encoder: config,
    rates: [50, 100],
    most: 4,
    match: undefined,
    tuning: { steps: 2, rate: 1e-4, products: 2, samples: 2 },
    shoppers: { count: 10, purchases: 4 },
  };
  const options = { out, settings, seeds: [1], onProgress: ({ label }: { label: string }) => void labels.push(label) };
  const { tables, measures = {} } = await completionStudy(options);
  const namesOf = (part: string) => [
    `${part}.50`,
    `${part}.filled.50`,
    `${part}.recommended.50`,
    `${part}.100`,
    `${part}.recommended.100`,
  ];
  const names = [...namesOf('title'), ...namesOf('image')];
  expect(tables.map(({ task }) => task.name)).toEqual(names);
  const tableOf = (name: string) => tables.find(({ task }) => task.name === name)!;
  const rowsOf = (name: string) => tableOf(name).rows.map((row) => row.name);
  const writers = ['decoder', 'blind decoder', 'decoder + rewards', 'blind + rewards', 'decoder + titles'];
  expect(rowsOf('title.100')).toEqual(['drop', 'random', 'neighbour', ...writers, 'oracle']);
  expect(rowsOf('image.100')).toEqual(['drop', 'random', 'neighbour', 'oracle', 'zero', 'mean']);
  const mrr = (name: string, row: string) => tableOf(name).rows.find((each) => each.name === row)!.metrics.MRR.value;
  // Nothing is missing for the oracle, whatever the rate and the part.
  for (const name of ['title.50', 'title.100', 'image.50', 'image.100'])
    expect(mrr(name, 'oracle')).toBeCloseTo(mrr('image.100', 'oracle'), 9);
  // Nor for its shoppers, who learn from the same features in the same order.
  for (const name of namesOf('title').filter((each) => each.includes('recommended')))
    expect(mrr(name, 'oracle')).toBeCloseTo(mrr('title.recommended.50', 'oracle'), 9);
  expect(measures['decoder + rewards']).toMatchObject({ 'flat groups': expect.any(Number) });
  expect(tableOf('title.filled.50').task.n).toBeLessThan(tableOf('title.50').task.n);
  expect(measures.oracle).toMatchObject({ 'token F1': 1, Jaccard: 1, BLEU: 1, 'facts wrong': 0, 'left empty': 0 });
  expect(measures.drop).toMatchObject({ 'token F1': 0, 'facts unsaid': 7, 'left empty': 1 });
  for (const row of ['random', 'neighbour']) expect(measures[row]['left empty']).toBe(0);
  expect(measures.random['true of what is stated']).toBeLessThan(0.5);
  labels.length = 0;
  expect((await completionStudy(options)).tables).toEqual(tables);
  expect(labels).toEqual([]);
});
