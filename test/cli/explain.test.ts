import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MoonConfig } from '../../src/config/config.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { loadBest } from '../../src/encoder/checkpoints.js';
import { countLeaks } from '../../src/engine/memory.js';
import { trainRun } from '../../src/train/run/train-run.js';
import { picture } from '../data/data-folder.js';
import { moonLab } from './moon-lab.js';

const root = mkdtempSync(join(tmpdir(), 'moon-explain-'));
afterAll(() => rmSync(root, { recursive: true }));
const [run, data] = ['run', 'data'].map((name) => join(root, name));
const config: MoonConfig = {
  ...grocery,
  network: { size: 'nano', vocabulary: 300, stem: { kind: 'patch' }, depth: 1, visionDepth: 1 },
  experts: { kind: 'guided', count: 4, topK: 1, blocks: [0] },
  imageSize: 16,
  region: { kind: 'centre', area: 0.25 },
  engine: { compile: false },
  optimizer: { ...grocery.optimizer, steps: 1, warmUpSteps: 0 },
};
beforeAll(async () => {
  mkdirSync(join(data, 'images'), { recursive: true });
  writeFileSync(join(data, 'images/mug.png'), await picture(1, 'png'));
  const lines = [
    'sku;name;category;photo;colour',
    'A1;Red mug;Kitchen > Mugs;mug.png;red',
    'A2;Blue mug;Kitchen > Mugs;;blue',
  ];
  writeFileSync(join(data, 'shop.csv'), lines.join('\n'));
  const { encoder } = await trainRun(run, config, await openCatalogue(data), { dataPath: data });
  encoder.parameters.dispose();
});

async function printed(...args: string[]): Promise<string> {
  const { code, out } = await moonLab('explain', '--run', run, ...args);
  expect(code).toBe(0);
  return out;
}

test('prints the record of a product, and leaves no tensor', async () => {
  const { result, leaked } = await countLeaks(() => printed('--product', 'A1', '--json'));
  expect(leaked).toBe(0);
  const told = JSON.parse(result);
  expect(Object.keys(told)).toEqual(['sequence', 'experts', 'box', 'attentionInBox']);
  expect(told.sequence.map(({ aspect, text }: { aspect: string; text: string }) => [aspect, text])).toEqual([
    ['image', ''],
    ['crop', ''],
    ['title', 'Red mug'],
    ['category', 'Kitchen > Mugs'],
    ['attribute', 'colour: red;'],
  ]);
  const experts: { aspect: string; expert: unknown; block: number }[] = told.experts;
  expect(experts.find(({ aspect }) => aspect === 'category')?.expert).toBe('category');
  expect(experts.find(({ aspect }) => aspect === 'attribute')?.expert).toBe('attribute');
  expect(typeof experts.find(({ aspect }) => aspect === 'title')?.expert).toBe('number');
  expect(told.box).toEqual({ x1: 0.25, y1: 0.25, x2: 0.75, y2: 0.75 });
  expect(told.attentionInBox).toBeGreaterThan(0);
  expect(told.attentionInBox).toBeLessThan(1);
});

test('says the same in words', async () => {
  const text = await printed('--product', 'A1');
  expect(text).toMatch(/title +\d+ tokens {2}Red mug/);
  expect(text).toMatch(/block 0 {2}category +category: \d+/);
  expect(text).toContain('core region  0.25 0.25 0.75 0.75');
  expect(text).toMatch(/\d+\.\d% of it is in the core region/);
  expect(await printed('--product', 'A2')).toContain('core region  none');
});

test('a product or a run that is not there is named', async () => {
  expect(await moonLab('explain', '--run', run, '--product', 'A7')).toMatchObject({
    code: 1,
    err: "moon-lab explain: --product: got 'A7', expected one of the 2 products; the nearest is A1.\n",
  });
  const { code, err } = await moonLab('explain', '--run', `${run}-other`, '--product', 'A1');
  expect(code).toBe(1);
  expect(err).toMatch(/run-other does not exist; check the path/);
});

test('a run opens at its last checkpoint where it never looked at dev', () => {
  const encoder = loadBest(run);
  expect(JSON.stringify(encoder.config)).toBe(JSON.stringify(config));
  encoder.parameters.dispose();
});
