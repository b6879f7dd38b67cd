import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readData } from '../../../src/datasets/open.js';
import { visitImages } from '../../../src/pictures/visit-images.js';
import { sharedData } from '../../needs.js';

const oddities = join(sharedData, 'oddities');
const made = mkdtempSync(join(tmpdir(), 'moon-oddities-'));

/** What is right: path, layout, titles of products by id, images found, kinds of issues with their numbers. */
const right: [
  path: string,
  layout: string | undefined,
  titles: Record<string, string>,
  images: number,
  issues: Record<string, number>,
][] = [
  [
    '01-shopify',
    'Shopify product export',
    { 'linen-shirt': 'Linen shirt', 'clay-mug': 'Clay mug', 'wool-socks': 'Wool socks' },
    0,
    { 'not-fetched': 6, 'joined-rows': 1, 'not-read': 1 },
  ],
  [
    '02-woocommerce',
    'WooCommerce product export',
    { 'VEST-01': 'Felt waistcoat', 'CAP-02': 'Cap' },
    0,
    { 'not-fetched': 6, 'joined-rows': 1, 'not-read': 1 },
  ],
  [
    '04-amazon-berkeley',
    'Amazon Berkeley Objects',
    { B07EXAMPL1: 'Round oak side table, 45 cm', B07EXAMPL2: 'Cotton phone case, blue' },
    0,
    { 'missing-image': 4, 'not-read': 1 },
  ],
  [
    '06-hm/articles.csv',
    'H&M articles',
    { '0420000101': 'Ribbed vest', '0420000102': 'Ribbed vest', '0431500007': 'Rain cape' },
    0,
    { 'not-read': 1 },
  ],
  [
    '06-hm/articles-from-excel.csv',
    'H&M articles',
    { '420000101': 'Ribbed vest', '420000102': 'Ribbed vest', '431500007': 'Rain cape' },
    0,
    { 'not-read': 1 },
  ],
  [
    '07-fashion-styles',
    undefined,
    {
      '10001': 'Harbour Men Check Navy Blue Shirt',
      '10002': 'Harbour Women Tee, Pack of 2, White',
      '10003': 'Zeit Watch',
      '10004': '',
      '10005': 'Harbour "Star" Girls Top',
    },
    0,
    { 'unquoted-comma': 1, 'missing-title': 1, 'absent-value': 2 },
  ],
];

const summaryOf = async (path: string) => {
  const { catalogue, layout } = await readData(path);
  const issues: Record<string, number> = {};
  for (const { kind } of catalogue.issues) issues[kind] = (issues[kind] ?? 0) + 1;
  const images = catalogue.products.reduce((sum, product) => sum + product.images.length, 0);
  return { catalogue, layout, issues, images };
};

test.each(right)('%s', { tags: ['data'] }, async (path, layout, titles, images, issues) => {
  const found = await summaryOf(join(oddities, path));
  expect(Object.fromEntries(found.catalogue.products.map(({ id, title }) => [id, title]))).toEqual(titles);
  expect([found.layout, found.images, found.issues]).toEqual([layout, images, issues]);
});

beforeAll(() => {
  if (!existsSync(oddities)) return;
  for (const name of ['10-images', '11-small-catalogues', '18-pictures-not-found'])
    execFileSync(process.execPath, [join(oddities, name, 'make.mjs'), join(made, name)]);
});

/** Products, images and pairs, or the sentence that refuses. */
const small: [name: string, products: number, images: number, pairs: number][] = [
  ['one-product', 1, 1, 1],
  ['two-products', 2, 2, 2],
  ['header-only', 0, 0, 0],
  ['empty-file', 0, 0, 0],
  ['titles-only', 20, 0, 20],
  ['ids-only', 20, 0, 0],
  ['images-only', 12, 12, 0],
  ['same-title', 20, 0, 20],
  ['scripts', 15, 0, 14],
  ['proto', 4, 0, 4],
  ['html', 2, 0, 2],
];

test.each(small)('a small catalogue, %s', { tags: ['data'] }, async (name, products, images, pairs) => {
  const { catalogue, images: found } = await summaryOf(join(made, '11-small-catalogues', name));
  expect([catalogue.products.length, found, catalogue.pairs.length]).toEqual([products, images, pairs]);
});

test('pictures as shops keep them are all found, and those that are none are named', { tags: ['data'] }, async () => {
  const { catalogue, images } = await summaryOf(join(made, '10-images'));
  expect(catalogue.issues).toEqual([]);
  expect([catalogue.products.length, images]).toEqual([34, 39]);
  const broken: string[] = [];
  await visitImages(
    catalogue.products.flatMap((product) => product.images),
    () => {},
    ({ id }) => broken.push(id),
  );
  const none = ['cut.jpg', 'logo.svg', 'old.bmp', 'page.jpg', 'phone.heic', 'pointer.jpg', 'zero.jpg'];
  expect(broken.sort()).toEqual(none.map((name) => `images/${name}`));
  expect((await summaryOf(join(made, '18-pictures-not-found'))).images).toBe(20);
});
