import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Found } from '../../../src/data/found.js';
import { readConfig } from '../../../src/datasets/bases.js';
import { openCatalogue } from '../../../src/datasets/open.js';
import { startEngine } from '../../../src/engine/engine.js';
import { readManifest } from '../../../src/train/run/manifest.js';
import { trainRun } from '../../../src/train/run/train-run.js';
import { smallTable } from '../../cli/small-table.js';
import { smallOptions } from '../../config/small-options.js';

beforeAll(async () => void (await startEngine()));

const config = readConfig(smallOptions);

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'moon-found-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'run');
}

test('a run that would show images is told what was found and refused, before its folder is made', async () => {
  const folder = newFolder();
  const told: Found[] = [];
  const catalogue = await openCatalogue(await smallTable(() => 'none'));
  await expect(trainRun(folder, config, catalogue, { onFound: (found) => told.push(found) })).rejects.toThrow(
    'data: none of the 10 images was found in',
  );
  expect(told.map(({ images, training }) => [images.missing, training.image])).toEqual([[10, 0]]);
  expect(existsSync(folder)).toBe(false);
});

test('a run on some of the images is told so twice, and says it first', async () => {
  const folder = newFolder();
  const told: Found['images'][] = [];
  const catalogue = await openCatalogue(await smallTable((at) => (at === 1 ? 'broken' : at % 2 ? 'none' : 'picture')));
  const run = await trainRun(folder, config, catalogue, { onFound: ({ images }) => told.push(images) });
  run.encoder.parameters.dispose();
  expect(told).toMatchObject([
    { found: 6, missing: 4, unreadable: 0 },
    { found: 5, missing: 4, unreadable: 1 },
  ]);
  expect(readManifest(folder).found).toEqual(run.found);
  expect(inspect(run)).toMatch(/^Without 5 of 10 images\. Run: 1 of 1 steps/);
});
