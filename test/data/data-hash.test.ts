import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dataHash } from '../../src/data/data-hash.js';
import type { Catalogue } from '../../src/data/types.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { shopOptions } from '../train/run/short-run.js';

const folder = mkdtempSync(join(tmpdir(), 'moon-hash-'));

function catalogueOf(bytes: Uint8Array, title = 'apple'): Catalogue {
  const path = join(folder, 'picture.jpg');
  writeFileSync(path, bytes);
  const images = [{ id: 'picture.jpg', source: { kind: 'file' as const, path } }];
  const products = [{ id: 'a', title, category: [], attributes: {}, images }];
  return { adapter: 'table', root: folder, products, pairs: [], issues: [] };
}

test.each([100, 100_000])('one other byte in a picture of %i is another hash; another time is not', (size) => {
  const bytes = new Uint8Array(size);
  const first = dataHash(catalogueOf(bytes));
  utimesSync(join(folder, 'picture.jpg'), 1, 1);
  expect(dataHash(catalogueOf(bytes))).toBe(first);
  expect(dataHash(catalogueOf(bytes, 'pear'))).not.toBe(first);
  for (const at of [0, size - 1]) expect(dataHash(catalogueOf(bytes.with(at, 1)))).not.toBe(first);
});

test('shops that differ in their pictures alone have different hashes', () => {
  const hashOf = (options: object) => dataHash(generateShop({ ...shopOptions, ...options }));
  expect(hashOf({})).toBe(hashOf({}));
  expect(hashOf({ clutter: 1 })).not.toBe(hashOf({}));
});

test('a picture that is gone is no error here', () => {
  const catalogue = catalogueOf(new Uint8Array(9));
  catalogue.products[0].images[0].source = { kind: 'file', path: join(folder, 'gone.jpg') };
  expect(dataHash(catalogue)).toMatch(/^[0-9a-f]{64}$/);
});
