import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { joinTrainedOn, seenBy, trainedOnNothing, trainedOnOf } from '../../src/data/trained-on.js';
import { collectTrainingSet } from '../../src/data/training-set.js';
import type { Catalogue, Product, ProductImage } from '../../src/data/types.js';
import { generateShop } from '../../src/datasets/shop/shop.js';

const folder = mkdtempSync(join(tmpdir(), 'moon-trained-on-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function imageOf(name: string, content = name): ProductImage {
  const path = join(folder, name);
  writeFileSync(path, content);
  return { id: name, source: { kind: 'file', path } };
}

const product = (id: string, title: string, images: ProductImage[] = []): Product => ({
  id,
  title,
  category: [],
  attributes: {},
  images,
});

/** Apples and pears are trained on, the plum asks. */
function orchard(): Catalogue {
  const products = [
    product('a', 'Red Apple', [imageOf('apple.jpg'), imageOf('apple-back.jpg')]),
    product('p', 'Pear', [imageOf('pear.jpg')]),
    product('u', 'Plum', [imageOf('plum.jpg')]),
  ];
  const pair = (of: string, split: 'train' | 'val', image?: ProductImage) => ({
    query: { id: `${of}-${split}`, text: of, image },
    product: of,
    split,
  });
  const pairs = [pair('a', 'train', imageOf('photo.jpg')), pair('p', 'train'), pair('u', 'val', imageOf('asked.jpg'))];
  return { adapter: 'table', root: folder, products, pairs, issues: [] };
}

describe('what training has seen', () => {
  const trainedOn = trainedOnOf(collectTrainingSet(orchard()));
  const hasSeen = seenBy(trainedOn);
  const seen = (own: Product) => hasSeen(own, own.images);

  test('is what has a training pair: its id, title, main image and photos', () => {
    expect(trainedOn.products).toEqual(['a', 'p']);
    expect(trainedOn.titles).toHaveLength(2);
    expect(trainedOn.pictures).toHaveLength(3);
    for (const hash of [...trainedOn.titles, ...trainedOn.pictures]) expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(JSON.parse(JSON.stringify(trainedOn))).toEqual(trainedOn);
  });

  test('is known again under another id by its title, however it is written, or by any of its pictures', () => {
    expect(seen(product('a', 'something else'))).toBe(true);
    expect(seen(product('x', 'red  APPLE!'))).toBe(true);
    expect(seen(product('x', 'new words', [imageOf('new.jpg'), imageOf('copy.jpg', 'pear.jpg')]))).toBe(true);
    expect(seen(product('x', 'new words', [imageOf('copy-of-photo.jpg', 'photo.jpg')]))).toBe(true);
  });

  test('is not what looks like nothing of it', () => {
    expect(seen(orchard().products[2])).toBe(false);
    expect(seen(product('x', '', [imageOf('other.jpg')]))).toBe(false);
    // A second image is never shown, and one that is gone is no other's copy.
    expect(seen(product('x', '', [imageOf('copy-of-back.jpg', 'apple-back.jpg')]))).toBe(false);
    expect(seen(product('x', '', [{ id: 'gone', source: { kind: 'file', path: join(folder, 'gone.jpg') } }]))).toBe(
      false,
    );
    expect(seenBy(trainedOnNothing)(orchard().products[0], [])).toBe(false);
  });

  test('adds up over trainings', () => {
    const plums = { ...orchard(), pairs: orchard().pairs.map((pair) => ({ ...pair, split: 'train' as const })) };
    const both = joinTrainedOn(trainedOn, trainedOnOf(collectTrainingSet(plums)));
    expect(both).toEqual(trainedOnOf(collectTrainingSet(plums)));
    expect(joinTrainedOn(trainedOnNothing, trainedOn)).toEqual(trainedOn);
  });
});

test('a drawn picture is known by its key, and not drawn for it', () => {
  const shop = generateShop({ products: 20, trainQueries: 30, evaluationQueries: 5, imageSize: 32, views: 1 });
  const undrawn = (image: ProductImage): ProductImage => ({
    ...image,
    source: { ...(image.source as { kind: 'drawn'; key: string }), draw: () => expect.unreachable() },
  });
  const products = shop.products.map((each) => ({ ...each, images: each.images.map(undrawn) }));
  const trainedOn = trainedOnOf(
    collectTrainingSet({ ...shop, products, pairs: shop.pairs.filter(({ query }) => !query.image) }),
  );
  const [known] = trainedOn.products;
  const { images } = products.find(({ id }) => id === known)!;
  expect(seenBy(trainedOn)(product('x', ''), images)).toBe(true);
});

test('a million products are a file of less than 70 MB', () => {
  const count = 2000;
  const trainingSet = {
    products: Array.from({ length: count }, (_, at) => {
      const draw = () => ({ width: 1, height: 1, data: new Uint8Array(3) });
      const image: ProductImage = { id: `${at}`, source: { kind: 'drawn', key: `picture ${at}`, draw } };
      const own = product(`sku-${100_000_000 + at}`, `a title of several words, number ${at}`, [image]);
      return { number: at, product: own, photos: [], texts: ['a query'] };
    }),
  };
  const size = JSON.stringify(trainedOnOf(trainingSet)).length;
  expect((size / count) * 1e6).toBeLessThan(70e6);
});
