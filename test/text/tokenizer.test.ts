import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { trainBytePairs } from '../../src/text/byte-pair-trainer.js';
import { loadTokenizer, saveTokenizer } from '../../src/text/tokenizer.js';
import { sharedData } from '../needs.js';

const dir = mkdtempSync(join(tmpdir(), 'tokenizer-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('loadTokenizer', () => {
  it('reads back what saveTokenizer wrote, from the folder and from the file', () => {
    const json = trainBytePairs(['blue shoe blue shoe'], { vocabSize: 265, specials: ['<|im_end|>'] });
    saveTokenizer(json, dir);
    for (const path of [dir, join(dir, 'tokenizer.json')]) expect(loadTokenizer(path).json).toEqual(json);
    expect(JSON.parse(readFileSync(join(dir, 'tokenizer_config.json'), 'utf8')).eos_token).toBe('<|im_end|>');
  });

  it('says in one sentence what is wrong with a file', () => {
    expect(() => loadTokenizer(join(dir, 'none'))).toThrow(/none: no such file; copy tokenizer\.json/);
    const file = join(dir, 'bad.json');
    writeFileSync(file, '{"model": {');
    expect(() => loadTokenizer(file)).toThrow(/bad\.json: not JSON/);
    writeFileSync(file, '{"model": {"type": "Unigram"}}');
    expect(() => loadTokenizer(file)).toThrow(/bad\.json: got a model of type "Unigram", expected BPE/);
  });
});

it('encodes as Python does with the published tiny tokenizer', { tags: ['data'] }, () => {
  const folder = join(sharedData, 'qwen2.5-vl-tiny-random');
  const expected: { tokenizer: { text: string; ids: number[] }[] } = JSON.parse(
    readFileSync(join(folder, 'expected.json'), 'utf8'),
  );
  const tokenizer = loadTokenizer(folder);
  expect(expected.tokenizer.length).toBeGreaterThan(0);
  for (const { text, ids } of expected.tokenizer) {
    expect(tokenizer.encode(text), text).toEqual(ids);
    expect(tokenizer.decode(ids)).toBe(text);
  }
});
