import { describe, expect, test } from 'vitest';
import { collectTrainingSet } from '../../src/data/training-set.js';
import type { Catalogue, Product, ProductImage } from '../../src/data/types.js';
import { queryForm } from '../../src/data/types.js';
import { randomStream } from '../../src/engine/random.js';
import { sameCategory } from '../../src/negatives/same-category.js';
import { samplerOption } from '../../src/sampler/option.js';
import { sampleStep } from '../../src/sampler/sample.js';
import { sampleTextQuery } from '../../src/sampler/text-queries.js';

const image = (id: string, group?: string): ProductImage => ({
  id,
  source: { kind: 'file', path: id },
  ...(group ? { group } : {}),
});

/** 24 products in 6 leaves of 2 tops; product p has 1 + p % 5 photos in bursts of two. */
function smallCatalogue(): Catalogue {
  const products: Product[] = Array.from({ length: 24 }, (_, p) => ({
    id: `p${p}`,
    title: `Thing number ${p}`,
    category: [`top${p % 2}`, `leaf${p % 6}`],
    attributes: (p % 3 ? { colour: ['red', 'blue'], size: ['large'] } : {}) as Product['attributes'],
    images: [image(`iconic${p}`)],
    ...(p % 4 ? { description: 'It is a thing of beauty. It lasts for ever!' } : {}),
  }));
  const pairs = products.flatMap((product, p) =>
    Array.from({ length: 1 + (p % 5) }, (_, photo) => ({
      query: { id: `${product.id}/${photo}`, image: image(`${product.id}/${photo}`, `${product.id}#${photo >> 1}`) },
      product: product.id,
      split: 'train' as const,
    })),
  );
  pairs.push({ query: { id: 'held out', image: image('held out') }, product: 'p0', split: 'val' as 'train' });
  return { adapter: 'test', root: '', products, pairs, issues: [] };
}

const trainingSet = collectTrainingSet(smallCatalogue());
const given = { products: 12, queries: 2, together: 4, mix: { image: 12, text: 3, product: 2 }, withhold: {} };
const options = samplerOption(given);

test('nothing of another split is ever drawn', () => {
  expect(trainingSet.products.flatMap(({ photos }) => photos.map(({ id }) => id))).not.toContain('held out');
});

test('a catalogue without training photos is refused with what was found', () => {
  const catalogue = { ...smallCatalogue(), root: 'shelf' };
  catalogue.pairs = catalogue.pairs.filter(({ split }) => split !== 'train');
  expect(() => collectTrainingSet(catalogue)).toThrow(
    /^shelf: 0 products have training queries, .* by split: val 1 image\./,
  );
});

describe('drawStep', () => {
  const stream = randomStream(1, 'draw');
  const draws = Array.from({ length: 300 }, () => sampleStep(trainingSet, options, stream));

  test('gives different products, and queries that point at what they bought', () => {
    for (const { items, queries, positiveOf } of draws) {
      expect(new Set(items).size).toBe(12);
      queries.forEach(({ image }, at) => {
        if (image) expect(items[positiveOf[at]].photos.map(({ id }) => id)).toContain(image.id);
      });
    }
  });

  test("an item's photo never comes from the burst of a photo that asks for it, while it has another picture", () => {
    for (const { items, itemImages, queries, positiveOf } of draws)
      queries.forEach(({ image }, at) => {
        const shown = itemImages[positiveOf[at]];
        if (image) expect(shown?.group ?? shown?.id, items[positiveOf[at]].product.id).not.toBe(image.group);
      });
  });

  test('photos of one product are of different bursts where it has them', () => {
    for (const { items, queries, positiveOf } of draws)
      items.forEach((item, row) => {
        const bursts = new Set(item.photos.map(({ group }) => group)).size;
        const shown = queries
          .filter((query, at) => positiveOf[at] === row && query.image)
          .map(({ image }) => image!.group);
        if (bursts > 1) expect(new Set(shown).size).toBe(shown.length);
      });
  });

  test('asks each product in every form where forms are each', () => {
    const options = samplerOption({ ...given, queries: 3, forms: 'each' });
    const { queries, positiveOf } = sampleStep(trainingSet, options, randomStream(1, 'forms'));
    queries.forEach((query, at) => {
      expect(queryForm(query)).toBe((['image', 'text', 'product'] as const)[at % 3]);
      expect(positiveOf[at]).toBe(Math.floor(at / 3));
    });
  });

  test('draws the forms 12 : 3 : 2 and categories together', () => {
    const forms = { image: 0, text: 0, product: 0 };
    for (const { queries } of draws) for (const query of queries) forms[queryForm(query)]++;
    const total = forms.image + forms.text + forms.product;
    expect(forms.image / total).toBeCloseTo(12 / 17, 1);
    expect(forms.text / total).toBeCloseTo(3 / 17, 1);
    const leaves = draws.map(({ items }) => new Set(items.map(({ product }) => product.category[1])).size);
    const alone = Array.from({ length: 300 }, () => {
      const { items } = sampleStep(trainingSet, { ...options, together: 1 }, stream);
      return new Set(items.map(({ product }) => product.category[1])).size;
    });
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(leaves)).toBeLessThan(mean(alone) - 0.5);
  });

  test('hard negatives drawn together stand in the step, are other products, and of the nearest category there is', () => {
    const products = trainingSet.products.map(({ product }) => product);
    const hard = sameCategory(products, trainingSet.numbers);
    let named = 0;
    for (let at = 0; at < 100; at++) {
      const { items, queries, positiveOf, hardOf } = sampleStep(trainingSet, options, stream, { hard, groups: 3 });
      expect(items.length).toBe(12);
      queries.forEach((_, query) => {
        const own = items[positiveOf[query]];
        const mates = items.filter((each) => each !== own && each.product.category[1] === own.product.category[1]);
        if (mates.length) expect(mates).toContain(items[hardOf![query]]);
        else expect(hardOf![query]).toBe(-1);
        named += Number(mates.length > 0);
      });
    }
    expect(named).toBeGreaterThan(0.9 * 100 * options.products * options.queries);
  });

  test('hard negatives of products drawn alone are added, and fillers are no product', () => {
    const products = trainingSet.products.map(({ product }) => product);
    const hard = sameCategory(products, trainingSet.numbers);
    for (let at = 0; at < 100; at++) {
      const step = sampleStep(trainingSet, { ...options, together: 1 }, stream, { hard, groups: 3 });
      const { items, numbers, hardOf, positiveOf, itemGroups, queryGroups } = step;
      expect(items.length).toBe(24);
      items.forEach(({ number }, row) => {
        expect([number, -1]).toContain(numbers[row]);
        if (numbers[row] < 0) expect([...hardOf!]).not.toContain(row);
      });
      const real = [...numbers].filter((number) => number >= 0);
      expect(new Set(real).size).toBe(real.length);
      hardOf!.forEach((row, query) => {
        expect(items[row].product.category[1]).toBe(items[positiveOf[query]].product.category[1]);
        expect(queryGroups[query]).toBe(itemGroups[positiveOf[query]]);
      });
    }
  });

  test('fields are withheld as often as asked, and never all of them', () => {
    const withhold = { image: 0.5, title: 1, category: 1, attributes: 1 };
    const many = Array.from({ length: 200 }, () => sampleStep(trainingSet, { ...options, withhold }, stream)).flatMap(
      ({ items, withheld }) => items.map(({ product }, row) => ({ product, withheld: withheld[row] })),
    );
    const images = many.filter(({ withheld }) => withheld.includes('image')).length / many.length;
    // When the image is drawn to go too, the first of the fields stays: that is the image.
    expect(images).toBe(0);
    for (const { product, withheld } of many) {
      const fields = 3 + Number(Object.keys(product.attributes).length > 0);
      expect(withheld.length).toBe(fields - 1);
    }
    const half = Array.from({ length: 200 }, () =>
      sampleStep(trainingSet, samplerOption({ ...given, withhold: { title: 0.5 } }), stream),
    );
    const titles = half.flatMap(({ withheld }) => withheld.map((fields) => Number(fields.includes('title'))));
    expect(titles.reduce((sum, value) => sum + value, 0) / titles.length).toBeCloseTo(0.5, 1);
  });

  test('is the same for the same stream', () => {
    const again = (seed: number) => JSON.stringify(sampleStep(trainingSet, options, randomStream(seed, 'draw')));
    expect(again(1)).toBe(again(1));
    expect(again(1)).not.toBe(again(2));
  });
});

test.each([
  [0, 0],
  [1, 1],
  [undefined, 0.5],
])('with a chance of %s of texts from the log, %s of the text queries are', (logged, fraction) => {
  const catalogue = smallCatalogue();
  for (const { id } of catalogue.products)
    catalogue.pairs.push({ query: { id: `${id}/said`, text: `the words of ${id}` }, product: id, split: 'train' });
  const said = collectTrainingSet(catalogue);
  const mix = { image: 0, text: 1, product: 0 };
  const stream = randomStream(3, 'asked');
  const draws = Array.from({ length: 100 }, () => sampleStep(said, samplerOption({ ...given, mix, logged }), stream));
  const queries = draws.flatMap((draw) => draw.queries);
  const really = queries.filter(({ text }) => text?.startsWith('the words of')).length / queries.length;
  expect(Math.abs(really - fraction)).toBeLessThan(fraction === 0.5 ? 0.05 : 1e-9);
});

test('a text query is never empty and says nothing that its product does not', () => {
  const stream = randomStream(2, 'text');
  for (const { product } of trainingSet.products)
    for (let at = 0; at < 40; at++) {
      const query = sampleTextQuery(product, stream);
      expect(query.trim()).not.toBe('');
      const known = [product.title, product.description ?? '', ...Object.values(product.attributes).flat()].join(' ');
      for (const word of query.split(' ')) expect(known).toContain(word);
    }
});
