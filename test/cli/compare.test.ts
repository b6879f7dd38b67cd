import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCatalogue } from '../../src/datasets/open.js';
import { dataFolder } from '../data/data-folder.js';
import { moonLab } from './moon-lab.js';
import { smallShop } from './small-shop.js';

/** A file of vectors by ids, as any script writes it. */
function vectorsFile(path: string, rows: [id: string, vector: (number | null)[]][]): string {
  writeFileSync(path, rows.map(([id, vector]) => `${JSON.stringify({ id, vector })}\n`).join(''));
  return path;
}

test('vectors of another model are measured and compared by files alone', async () => {
  const data = await smallShop();
  const place = dataFolder({});
  const catalogue = await openCatalogue(data);
  const asked = catalogue.pairs.filter(({ split, query }) => split === 'test' && query.text);
  const one = (id: string) => catalogue.products.map((product) => (product.id === id ? 1 : 0));
  const [good, bad] = ['good.jsonl', 'bad.jsonl'].map((name) => join(place, name));
  const products = catalogue.products.map(({ id }): [string, number[]] => [id, one(id)]);
  vectorsFile(good, products);
  vectorsFile(
    good.replace('.jsonl', '.queries.jsonl'),
    asked.map(({ query, product }) => [query.id, one(product)]),
  );
  // Every query finds the first product, and one vector is broken.
  const [first] = products;
  vectorsFile(bad, [...products.slice(0, -1), [products.at(-1)![0], products.map(() => null)]]);
  vectorsFile(
    bad.replace('.jsonl', '.queries.jsonl'),
    asked.map(({ query }) => [query.id, first[1]]),
  );

  const task = ['--data', data, '--split', 'test', '--tasks', 'retrieval.text'];
  const rows = join(place, 'rows.jsonl');
  const measured = await moonLab('evaluate', '--embeddings', good, ...task, '--rows', rows, '--json');
  expect(measured.code, measured.err).toBe(0);
  const [{ metrics, n, controls }] = JSON.parse(measured.out).tasks;
  expect([metrics['R@1'].value, n]).toEqual([1, asked.length]);
  expect(Object.keys(controls)).toContain('shuffledQueries');
  expect(readFileSync(rows, 'utf8').trim().split('\n')).toHaveLength(n);

  const compared = await moonLab('compare', good, bad, 'bm25', ...task, '--html', join(place, 'page.html'));
  expect(compared.code, compared.err).toBe(0);
  expect(compared.out).toContain(
    `${bad}: 1 rows are left out, a vector that is zero or not finite: ${products.at(-1)![0]}`,
  );
  expect(compared.out).toMatch(new RegExp(`items that ${bad} does not know`));
  const page = readFileSync(join(place, 'page.html'), 'utf8');
  expect(page).toContain('queries that flipped');
  expect(page).toContain('data:image/');
});

test('what is no system is named, with the nearest', async () => {
  const data = await smallShop();
  const said = async (...args: string[]) => (await moonLab('compare', ...args, '--data', data)).err;
  expect(await said('bm25', 'minilmm')).toBe(
    'moon-lab compare: SYSTEMS: minilmm does not exist; did you mean minilm?\n',
  );
  expect(await said('bm25', 'clip.parquet')).toMatch(/SYSTEMS: clip.parquet does not exist/);
  expect((await moonLab('compare', 'bm25', 'random')).err).toMatch(/--data: missing/);
  expect(await said('random', 'bm25', '--split', 'test', '--tasks', 'retrieval.sound')).toMatch(
    /tasks: got "retrieval.sound"/,
  );
});
