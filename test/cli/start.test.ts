import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { moonLab } from './moon-lab.js';
import { smallShop } from './small-shop.js';

const root = mkdtempSync(join(tmpdir(), 'moon-start-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('start says what it reached in at most 40 lines, in words, and its report begins with the result', async () => {
  const out = join(root, 'start');
  const data = join(root, 'shop');
  mkdirSync(data);
  const options = { products: 100, imageSize: 32, views: 1, trainQueries: 240, evaluationQueries: 12 };
  writeFileSync(join(data, 'shop.json'), JSON.stringify(options));
  const { code, err, out: said } = await moonLab('start', '--quick', '--steps', '1', '--data', data, '--out', out);
  expect(code, err).toBe(0);
  const lines = said.trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(40);
  expect(said).toMatch(/\d+ queries of the validation split, \d+ answers to choose from/);
  expect(said).toContain('chance');
  expect(said).toContain(`Report: ${join(out, 'report.html')}`);
  expect(said).not.toMatch(/g\d\.|galleryTextOnly|textOnly/);
  const page = readFileSync(join(out, 'report.html'), 'utf8');
  const headings = [...page.matchAll(/<h2>([^<]*)/g)].map(([, heading]) => heading);
  expect(headings[0]).toBe('Result');
  expect(headings).toEqual(
    expect.arrayContaining([
      'Piece 1: core regions',
      'Piece 2: experts',
      'Piece 3: negatives',
      'What each piece contributes',
      'All tasks',
    ]),
  );
  expect(page.indexOf('<details>')).toBeGreaterThan(page.indexOf('<h2>All tasks'));
}, 300_000);

test('data that nothing can be measured on are refused before the training', async () => {
  const out = join(root, 'none');
  const { code, err } = await moonLab('start', '--quick', '--data', await smallShop(), '--out', out);
  expect([code, err]).toEqual([
    1,
    expect.stringContaining('has no queries. Queries by split: train 8 text; test 4 text.'),
  ]);
  expect(existsSync(out)).toBe(false);
});
