import { expect, test } from 'vitest';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { prepare } from '../../src/encoder/prepare.js';
import { countLeaks } from '../../src/engine/memory.js';
import { explain } from '../../src/evaluate/explain.js';
import { expertLoads, expertsOf, regionsOf, similaritiesOf } from '../../src/evaluate/pieces.js';

const shop = generateShop({ products: 12, imageSize: 32, views: 1, trainQueries: 20, evaluationQueries: 4 });
const network = { size: 'nano', vocabulary: 300, stem: { kind: 'patch' } } as const;
const prepared = (config = {}) => prepare({ ...grocery, network, imageSize: 32, ...config }, shop);

test('tokens by aspect and expert are those of the products, one by one', async () => {
  const { encoder, pixels } = await prepared();
  const { result, leaked } = await countLeaks(() => expertsOf(encoder, shop, pixels, 3));
  expect(leaked).toBe(0);
  const { loads, names } = result;
  expect(names.slice(-2)).toEqual(['attribute', 'category']);
  const alone = await Promise.all(
    [0, 4, 8].map(async (at) => (await explain(encoder, shop.products[at], pixels)).experts),
  );
  for (const { layer, aspect, tokens } of loads)
    names.forEach((name, at) => {
      const own = alone
        .flat()
        .filter((one) => one.block === layer && one.aspect === aspect && `${one.expert}` === name);
      expect(tokens[at], `${aspect} ${name}`).toBe(own.reduce((sum, one) => sum + one.tokens, 0));
    });
  // Designated aspects go to their expert alone.
  for (const aspect of ['category', 'attribute']) {
    const row = loads.find((load) => load.aspect === aspect)!;
    expect(row.tokens.filter(Boolean)).toEqual([row.tokens[names.indexOf(aspect)]]);
  }
  encoder.parameters.dispose();
});

test('a network without experts or regions has none to show', async () => {
  const { encoder, pixels } = await prepared({ experts: { kind: 'none' }, region: { kind: 'none' } });
  expect(await expertsOf(encoder, shop, pixels)).toEqual({ loads: [], names: [] });
  expect(await regionsOf(shop, pixels)).toEqual([]);
  encoder.parameters.dispose();
});

test('regions are those that the network sees, spread over the catalogue', async () => {
  const { encoder, pixels } = await prepared();
  const pairs = await regionsOf(shop, pixels, 4);
  expect(pairs).toHaveLength(4);
  const [{ whole, crop }] = pairs;
  const { title, images } = shop.products[0];
  expect(whole).toMatchObject({ label: title, box: pixels.boxOf(images[0], title) });
  expect(crop).toMatch(/^data:image\/jpeg/);
  expect(crop).not.toBe(whole.thumbnail);
  encoder.parameters.dispose();
});

test('an expert that nobody chose keeps its column; a step without a source has no point on its curve', () => {
  const { loads, names } = expertLoads([
    { block: 1, aspect: 'title', expert: 2, tokens: 5 },
    { block: 1, aspect: 'category', expert: 'category', tokens: 3 },
  ]);
  expect(names).toEqual(['0', '1', '2', 'category']);
  expect(loads.map(({ tokens }) => tokens)).toEqual([
    [0, 0, 5, 0],
    [0, 0, 0, 3],
  ]);
  const records = [
    { step: 1, measures: { positive: 0.5, hardSimilarity: Number.NaN } },
    { step: 2, measures: { positive: 0.6, hardSimilarity: 0.4 } },
  ];
  expect(similaritiesOf(records)).toEqual([
    { kind: 'positive', steps: [1, 2], mean: [0.5, 0.6] },
    { kind: 'hard', steps: [2], mean: [0.4] },
  ]);
});
