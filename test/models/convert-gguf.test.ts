import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadNetwork } from '../../src/backbones/families.js';
import { loadGguf } from '../../src/backbones/llama/gguf.js';
import { withSettings } from '../../src/config/check-config.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { startNetwork } from '../../src/encoder/start-network.js';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { convertGguf } from '../../src/models/convert-gguf.js';
import { inspectModel } from '../../src/models/inspect-model.js';
import { loadTokenizer } from '../../src/text/tokenizer.js';
import { shopOptions, shortConfig } from '../train/run/short-run.js';

const gguf = join('test', 'fixtures', 'llama-folder', 'tiny.gguf');
const out = join(mkdtempSync(join(tmpdir(), 'moon-gguf-')), 'folder');

test('a GGUF network becomes a Hugging Face folder with the same config, weights and tokenizer', async () => {
  const { leaked } = await countLeaks(() => convertGguf(gguf, out));
  expect(leaked).toBe(0);
  const [ours, theirs] = [loadNetwork(out), await loadGguf(gguf)];
  expect(ours.config).toEqual(theirs.config);
  for (const [name, weight] of Object.entries(theirs.weights))
    expect(ours.weights[name].dataSync(), name).toEqual(weight.dataSync());
  expect(Object.keys(ours.weights)).toEqual(Object.keys(theirs.weights));
  const text = 'Blue Cotton Shirt – café';
  expect(loadTokenizer(out).encode(text)).toEqual(theirs.tokenizer.encode(text));
  tf.dispose([ours.weights, theirs.weights]);
});

test('it is not written over something, and wants a GGUF file', async () => {
  await expect(convertGguf(gguf, out)).rejects.toThrow('exists already. Name a folder that does not exist.');
  await expect(convertGguf('test/fixtures/qwen-folder', `${out}-2`)).rejects.toThrow('contains no GGUF file');
});

test('a run that starts from the file itself says how to write the folder', () => {
  const config = withSettings(shortConfig, { network: { from: gguf } });
  expect(() => startNetwork(config, generateShop(shopOptions))).toThrow(
    `network.from: ${gguf} is a GGUF network. Write it as a folder first: npx moon-lab model convert ${gguf} --out DIR`,
  );
});

test('inspect counts what tuning would train', async () => {
  const { tuned, text } = await inspectModel(out);
  // Per block and adapted projection: rank x (in + out).
  const { width, heads, keyValueHeads, depth } = text;
  const { config } = loadNetwork(out);
  const head = config.text.headWidth ?? width / heads;
  const [q, k] = [heads * head, keyValueHeads * head];
  expect(tuned).toEqual({ lora: depth * 8 * (2 * (width + q) + 2 * (width + k)), connector: 0 });
  const vision = await inspectModel('test/fixtures/smolvlm-folder');
  expect(vision.tuned.connector).toBe(40 * 24 * 9);
});
