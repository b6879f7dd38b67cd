import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runComplete } from '../../src/cli/complete.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { trainRun } from '../../src/train/run/train-run.js';
import { shortConfig } from '../train/run/short-run.js';

const header = 'ID,Type,SKU,Name,Short description,Description,Categories,Images';
const long = (word: string) => `This ${word} cup is <b>made</b> by hand. Order it today. `.repeat(4).trim();

/** The export of a shop: four rows of five have a short text, and one of the others has no text at all. */
function shopFile(): string {
  const lines = Array.from({ length: 20 }, (_, at) => {
    const word = at % 2 ? 'red' : 'blue';
    const short = at % 5 ? `a ${word} cup` : '';
    const description = at === 10 ? '' : long(word);
    return `${at},simple,s${at},Cup ${at},${short},"${description}",Kitchen > Cups,`;
  });
  const file = join(mkdtempSync(join(tmpdir(), 'moon-summarise-')), 'export.csv');
  writeFileSync(file, `${header}\n${lines.join('\n')}\n`);
  return file;
}

test('the export of a shop has long and short texts, and a short one alone is the description', async () => {
  const file = shopFile();
  const { products } = await openCatalogue(file);
  expect(products[1]).toMatchObject({ id: 's1', description: expect.stringContaining('made'), summary: 'a red cup' });
  expect(products[5].summary).toBeUndefined();
  writeFileSync(file, `${header}\n1,simple,s1,Cup,only short,,Cups,\n`);
  const [alone] = (await openCatalogue(file)).products;
  expect(alone.description).toBe('only short');
  expect(alone.summary).toBeUndefined();
});

test('summaries that are missing are written from the description; what was cut and what has nothing to read is said', async () => {
  const data = shopFile();
  const folder = mkdtempSync(join(tmpdir(), 'moon-summarise-'));
  const catalogue = await openCatalogue(data);
  const run = join(folder, 'run');
  const config = {
    ...shortConfig,
    vision: { kind: 'none' as const },
    region: { kind: 'none' as const },
    sampler: { ...shortConfig.sampler, mix: { image: 0, text: 1, product: 0 } },
    captioning: { kind: 'summaries' as const, fraction: 1, distance: 0, contrast: 0, regions: 0 },
    maxTextTokens: 30,
  };
  const pairs = catalogue.products.map(({ id }) => ({
    query: { id: `q${id}`, text: 'cup' },
    product: id,
    split: 'train' as const,
  }));
  const trained = await trainRun(run, config, { ...catalogue, pairs });
  trained.encoder.parameters.dispose();
  const out = join(folder, 'out.jsonl');
  const said: string[] = [];
  const { log } = console;
  console.log = (line: string) => said.push(line);
  try {
    await runComplete({ run, data, field: 'summary', by: 'decoder', tokens: 3, out, json: true });
  } finally {
    console.log = log;
  }
  const report = JSON.parse(said.at(-1)!);
  expect(report).toMatchObject({ products: 20, missing: 4 });
  expect(report.left['no description and no picture that can be read']).toBe(1);
  const left = Object.values(report.left as Record<string, number>).reduce((sum, count) => sum + count, 0);
  expect(report.filled + left).toBe(4);
  expect(report.cut ?? 0).toBe(report.filled);
  const rows = readFileSync(out, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows[1]).toMatchObject({ id: 's1', summary: 'a red cup', filled: '' });
  expect(rows[10]).toMatchObject({ id: 's10', summary: '', filled: '' });
});
