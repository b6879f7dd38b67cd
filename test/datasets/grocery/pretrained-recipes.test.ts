import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withSettings } from '../../../src/config/check-config.js';
import type { MoonConfig } from '../../../src/config/config.js';
import { fashionTitles } from '../../../src/datasets/fashion/recipes.js';
import { moonOnQwen, smol } from '../../../src/datasets/grocery/pretrained-recipes.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { trainRun } from '../../../src/train/run/train-run.js';
import { writeEncoder } from '../../pictures/onnx-file.js';
import { shopOptions } from '../../train/run/short-run.js';

const shop = generateShop(shopOptions);
const root = mkdtempSync(join(tmpdir(), 'moon-recipes-'));
const model = join(root, 'model.onnx');
writeEncoder(model, 16, 4);

const few = {
  engine: { compile: false },
  optimizer: { steps: 2, warmUpSteps: 1 },
  sampler: { products: 4, queries: 1 },
};

test.each<[string, MoonConfig, object]>([
  [
    'moonOnQwen',
    moonOnQwen,
    { network: { from: 'test/fixtures/qwen-folder' }, imageSize: 24, experts: { blocks: [0, 1] } },
  ],
  [
    'smol',
    smol,
    {
      network: { from: 'test/fixtures/llama-folder', blocks: 2 },
      vision: { model, width: 3, pool: 2, views: 1 },
      region: { kind: 'centre' },
      experts: { blocks: [1] },
    },
  ],
  [
    'fashionTitles',
    fashionTitles,
    {
      network: { from: 'test/fixtures/llama-folder' },
      vision: { model, width: 3, pool: 2, views: 1 },
      imageSize: 24,
    },
  ],
])('the recipe %s trains on a tiny network of its family', async (name, recipe, tiny) => {
  const config = withSettings(withSettings(recipe, tiny), few);
  const { encoder, records } = await trainRun(join(root, name), config, shop, { every: 2 });
  expect(records.map(({ stage }) => stage).at(-1)).toBe(recipe === fashionTitles ? 'captions' : 'contrastive');
  expect(records.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  expect(encoder.layout.names.some((name) => name.includes('.mlp.category.'))).toBe(recipe.experts.kind === 'guided');
  encoder.parameters.dispose();
});
