import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { trainedOnOf } from '../../../src/data/trained-on.js';
import { collectTrainingSet } from '../../../src/data/training-set.js';
import type { Catalogue, Product, Raster } from '../../../src/data/types.js';
import { fashionTasks } from '../../../src/datasets/fashion/tasks.js';
import { openCatalogue } from '../../../src/datasets/open.js';
import { tasksOf } from '../../../src/datasets/tasks.js';
import { randomStream } from '../../../src/engine/random.js';
import { controlsOf } from '../../../src/evaluate/controls.js';
import { measureTask } from '../../../src/evaluate/measure.js';
import { seenProducts } from '../../../src/evaluate/seen-products.js';
import type { Pixels } from '../../../src/pictures/picture-store.js';
import { rankByMajority } from '../../../src/tasks/kinds/classification.js';
import type { Task } from '../../../src/tasks/task.js';
import { sharedData } from '../../needs.js';

describe('the protocol on the fashion set', { tags: ['data'] }, () => {
  let catalogue: Catalogue;
  let tasks: Map<string, Task>;
  beforeAll(async () => {
    catalogue = await openCatalogue(join(sharedData, 'fashion-product-images'));
    tasks = new Map(tasksOf({ catalogue, split: 'test' }).map((task) => [task.name, task]));
  }, 60_000);

  test('1,498 of 7,616 products are the test split, and nobody trains on them', () => {
    const test = new Set(catalogue.pairs.flatMap(({ split, product }) => (split === 'test' ? product : [])));
    expect([test.size, catalogue.products.length]).toEqual([1498, 7616]);
    const task = tasks.get('title-to-image')!;
    expect([task.asks.length, task.items.length]).toEqual([1498, 1498]);
    const trainedOn = trainedOnOf(collectTrainingSet(catalogue));
    expect(trainedOn.products.filter((id) => test.has(id))).toEqual([]);
    // Other products of the same title were trained on.
    expect(seenProducts([task], [{ trainedOn }], catalogue)).toEqual(['mixed']);
  });

  test('equal titles cap R@1 at 91.2, and are right in the second row', () => {
    const strict = tasks.get('title-to-image')!;
    expect(100 * strict.attainable!['R@1']).toBeCloseTo(91.2, 1);
    const equal = tasks.get('title-to-image.equal-title')!;
    expect(equal.attainable).toBeUndefined();
    const titles = new Map(catalogue.products.map(({ id, title }) => [id, title]));
    for (const { gold, product } of equal.asks) {
      expect(gold).toContain(product);
      expect(gold.every((id) => titles.get(id) === titles.get(product))).toBe(true);
    }
    expect(equal.asks.filter(({ gold }) => gold.length > 1).length).toBeGreaterThan(100);
  });

  test('the gallery shows images alone, and BM25 has nothing to go by', () => {
    const { galleryTextOnly, galleryImageOnly, imageOnly } = controlsOf(tasks.get('title-to-image')!);
    expect(galleryTextOnly).toEqual({ none: 'the items hold nothing but image' });
    expect(galleryImageOnly).toEqual({ none: 'the items hold no text' });
    expect(imageOnly).toEqual({ none: 'the queries hold nothing but text' });
  });

  test('the majority class of training is right as often as the protocol says', () => {
    const names = ['articleType', 'baseColour', 'season', 'gender', 'usage'];
    const accuracy = names.map((name) => {
      const task = tasks.get(`label.${name}`)!;
      const majority = rankByMajority(task);
      if ('none' in majority) throw new Error(majority.none);
      const { metrics } = measureTask(task, 'unseen', { main: [majority], controls: {} }, { draws: 2 });
      return Math.round(100 * metrics.accuracy.value);
    });
    expect(accuracy).toEqual([18, 22, 63, 63, 77]);
    expect(tasks.get('label.baseColour')!.leftOut).toEqual({ 'no label': 1 });
    expect(tasks.get('label.usage')!.leftOut).toEqual({ 'no label': 1 });
  });
});

/** A smooth pattern of its own for every seed, 32 x 32. */
function pattern(seed: number, lighter = 0): Raster {
  const stream = randomStream(seed, 'pattern');
  const waves = Array.from({ length: 9 }, () => [4 * stream.uniform(), 4 * stream.uniform(), 6 * stream.uniform()]);
  const data = Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) => {
    const [x, y, channel] = [((at - (at % 3)) / 3) % 32, Math.floor(at / 96), at % 3];
    const sum = waves
      .slice(3 * channel, 3 * channel + 3)
      .reduce((total, [u, v, phase]) => total + Math.sin((u * x + v * y) / 16 + phase), 0);
    return 128 + 35 * sum + lighter;
  });
  return { width: 32, height: 32, data };
}

test('the third row leaves out products whose title or picture training has seen', () => {
  const made: Record<string, [split: 'train' | 'test', title: string, picture: Raster]> = {
    encoder: ['train', 'Red Shirt', pattern(1)],
    sameTitle: ['test', 'red  shirt', pattern(2)],
    samePicture: ['test', 'Blue Bag', pattern(1, 2)],
    twin: ['test', 'Green Sock', pattern(3)],
    twinOfTwin: ['test', 'Green Sock', pattern(4)],
    alone: ['test', 'Black Watch', pattern(5)],
  };
  const products = Object.entries(made).map(([id, [, title]]): Product => {
    const image = { id: `${id}.png`, source: { kind: 'file', path: `${id}.png` } } as const;
    return { id, title, category: ['Apparel'], attributes: {}, images: [image] };
  });
  const pairs = products.map(({ id, title }) => ({
    query: { id: `${id}/q`, text: title },
    product: id,
    split: made[id][0],
  }));
  const catalogue: Catalogue = { adapter: 'fashion', root: '', products, pairs, issues: [] };
  const pixels = {
    missing: new Map(),
    rasterOf: ({ image }: { image: { id: string } }) => made[image.id.replace('.png', '')][2],
  } as unknown as Pixels;
  const tasks = fashionTasks({ catalogue, split: 'test', pixels });
  const { asks, items, leftOut } = tasks.find(({ name }) => name === 'title-to-image.new')!;
  expect(asks.map(({ product }) => product)).toEqual(['twin', 'twinOfTwin', 'alone']);
  expect(items.map(({ id }) => id)).toEqual(['twin', 'twinOfTwin', 'alone']);
  expect(leftOut).toMatchObject({ 'title or near-duplicate image in train': 2 });
});
