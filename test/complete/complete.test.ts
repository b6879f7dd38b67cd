import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runComplete } from '../../src/cli/complete.js';
import { completeCatalogue } from '../../src/complete/complete-catalogue.js';
import { completedTable } from '../../src/complete/completed-table.js';
import { textOfField } from '../../src/complete/field.js';
import type { Filler } from '../../src/complete/filler.js';
import { decoder } from '../../src/complete/fillers/decoder.js';
import { neighbour } from '../../src/complete/fillers/neighbour.js';
import type { Catalogue } from '../../src/data/types.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { prepare } from '../../src/encoder/prepare.js';
import { countLeaks } from '../../src/engine/memory.js';
import { train } from '../../src/train/loop.js';
import { trainRun } from '../../src/train/run/train-run.js';
import { shopOptions, shortConfig } from '../train/run/short-run.js';

const shop = generateShop({ ...shopOptions, products: 24 });
const config = {
  ...shortConfig,
  captioning: { kind: 'captions' as const, fraction: 0.5, questions: ['title', 'attribute'] as const },
};
const { encoder, pixels } = await prepare(config, shop);
await train(encoder, shop, pixels);
const [first, second, third] = shop.products;
/** The first lacks its title, the second its title and its picture. */
const bare: Catalogue = {
  ...shop,
  products: [{ ...first, title: ' ' }, { ...second, title: '', images: [] }, third, ...shop.products.slice(3)],
};

test('the network writes titles that are missing, and nothing else is touched', async () => {
  let done: Awaited<ReturnType<typeof completeCatalogue>> = [];
  const { leaked } = await countLeaks(async () => {
    done = await completeCatalogue(encoder, bare, 'title', decoder(encoder, { most: 3 }));
  });
  expect(leaked).toBe(0);
  expect(done.map(({ product }) => product.id)).toEqual([first.id, second.id]);
  expect(done[1].filled).toEqual({ none: 'no picture that can be read' });
  expect(done[1].product).toBe(bare.products[1]);
  const [{ filled, product }] = done;
  if ('text' in filled) expect(product).toEqual({ ...bare.products[0], title: filled.text });
  else expect(['nothing was written', 'what was written only repeats itself']).toContain(filled.none);
  // Without the picture all products have the same text.
  const blind = await completeCatalogue(encoder, bare, 'title', decoder(encoder, { most: 3, isBlind: true }));
  expect(blind[0].filled).toEqual(blind[1].filled);
});

test('a neighbour lends its text: that of the same picture where there is one', async () => {
  const twin = { ...first, id: 'twin', title: 'lent' };
  const catalogue = { ...bare, products: [...bare.products, twin] };
  const complete = [...shop.products.slice(2), twin];
  const done = await completeCatalogue(encoder, catalogue, 'title', neighbour(encoder, complete, pixels));
  expect(done.map(({ filled }) => filled)).toEqual([
    { text: 'lent', from: 'twin' },
    { none: 'no picture that can be read' },
  ]);
  const alone = await completeCatalogue(encoder, catalogue, 'title', neighbour(encoder, [], pixels));
  expect(alone[0].filled).toEqual({ none: 'no product to copy from' });
});

test('a network that has learned no such question is refused, with what it learned', async () => {
  const filled = completeCatalogue(
    encoder,
    { ...bare, products: [{ ...first, category: [] }] },
    'category',
    decoder(encoder),
  );
  await expect(filled).rejects.toThrow(
    'captioning.questions: lacks category; it learned title, attribute. Train one with',
  );
});

test('the table marks what was filled, is read back, and quotes what it must', async () => {
  const says =
    (text: string): Filler =>
    async ({ products }) =>
      products.map(() => ({ text, from: 'x' }));
  const done = await completeCatalogue(encoder, bare, 'title', says('a "cup", <b>red</b>'));
  const text = completedTable(bare.products, done, { field: 'title', by: 'neighbour' }, 'out.csv');
  const file = join(mkdtempSync(join(tmpdir(), 'moon-complete-')), 'products.csv');
  writeFileSync(file, text);
  const { products } = await openCatalogue(file);
  expect(products.length).toBe(bare.products.length);
  expect(products[0]).toMatchObject({ id: first.id, title: 'a "cup", red' });
  expect(products[2].title).toBe(third.title);
  const rows = completedTable(bare.products, done, { field: 'title', by: 'neighbour' }, 'out.jsonl').trim().split('\n');
  expect(rows.map((row) => JSON.parse(row).filled).filter(Boolean)).toEqual([
    'title: neighbour of x',
    'title: neighbour of x',
  ]);
  expect(JSON.parse(rows[2])).toMatchObject({ id: third.id, category: textOfField(third, 'category'), filled: '' });
  expect(() => completedTable([], [], { field: 'title', by: 'decoder' }, 'out.txt')).toThrow('--out: got "out.txt"');
});

test('the command line completes the catalogue of a run, and never overwrites', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'moon-complete-'));
  const data = join(folder, 'shop.csv');
  const lines = Array.from(
    { length: 24 },
    (_, at) => `${at},${at % 3 ? `${at % 2 ? 'red' : 'blue'} cup` : ''},Cups > Mugs`,
  );
  writeFileSync(data, `id,title,category\n${lines.join('\n')}\n`);
  const catalogue = await openCatalogue(data);
  const run = join(folder, 'run');
  const text = {
    ...config,
    vision: { kind: 'none' as const },
    region: { kind: 'none' as const },
    sampler: { ...config.sampler, mix: { image: 0, text: 1, product: 0 } },
  };
  const trained = await trainRun(run, text, {
    ...catalogue,
    pairs: catalogue.products.map(({ id }) => ({
      query: { id: `q${id}`, text: 'cup' },
      product: id,
      split: 'train' as const,
    })),
  });
  trained.encoder.parameters.dispose();
  const out = join(folder, 'out.csv');
  const flags = { run, data, field: 'title', by: 'decoder' as const, tokens: 4, out, json: true };
  await runComplete(flags);
  expect(existsSync(out)).toBe(true);
  const rows = readFileSync(out, 'utf8').trim().split('\n');
  expect(rows[0]).toBe('id,title,category,image,filled');
  expect(rows.length).toBe(25);
  expect(rows[2]).toBe('1,red cup,Cups > Mugs,,');
  await expect(runComplete(flags)).rejects.toThrow('out.csv exists, and nothing is overwritten');
  await expect(runComplete({ ...flags, out: join(folder, 'out.txt') })).rejects.toThrow('--out');
});
