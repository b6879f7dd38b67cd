import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dataHash } from '../../../src/data/data-hash.js';
import { openCatalogue } from '../../../src/datasets/open.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { dataFolder } from '../../data/data-folder.js';

test('shop.json, or its folder, is the shop of its options', async () => {
  const options = { products: 20, trainQueries: 30, evaluationQueries: 3, imageSize: 24 };
  const folder = dataFolder({ 'shop.json': JSON.stringify(options) });
  const hashes = [await openCatalogue(folder), await openCatalogue(join(folder, 'shop.json'))].map(dataHash);
  expect(hashes).toEqual([dataHash(generateShop(options)), dataHash(generateShop(options))]);
  expect(dataHash(await openCatalogue(dataFolder({ 'shop.json': JSON.stringify({ ...options, seed: 1 }) })))).not.toBe(
    hashes[0],
  );
});

test.each([
  ['{"produkts": 3}', 'shop: got "produkts", expected an option among'],
  ['[3]', 'expected a record such as { "products": 500 }'],
  ['{', 'shop.json: not JSON'],
])('%s is refused', async (content, message) => {
  await expect(openCatalogue(dataFolder({ 'shop.json': content }))).rejects.toThrow(message);
});
