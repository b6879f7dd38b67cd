import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { frozenTextOf } from '../../../src/encoder/frozen-text.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { readHeader, readTensor } from '../../../src/store/safetensors.js';
import { networks, sharedData } from '../../needs.js';

const folder = 'test/fixtures/bert-tiny';
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as {
  text: string;
  states: number[];
}[];

/** A copy whose file has other values. */
function changed(file: string, values: object): string {
  const copy = mkdtempSync(join(tmpdir(), 'moon-bert-'));
  cpSync(folder, copy, { recursive: true });
  const path = join(copy, file);
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...values }));
  return copy;
}

describe('a frozen sentence encoder', () => {
  const encoder = frozenTextOf({ kind: 'frozen', model: folder, width: 12 })!;

  test('has the token states of transformers, alone, beside others and cut to the longest text', async () => {
    // Moon's mask stands for a withheld word, and BERT has a token of its own for that.
    const texts = expected.map(({ text }) => ({ text: text.replace('[MASK]', '[mask]'), most: 99 }));
    const { result, leaked } = await countLeaks(async () => [
      encoder.statesOf(texts.slice(1, 2)),
      encoder.statesOf(texts),
    ]);
    const [[alone], all] = result;
    for (const [at, { states }] of expected.entries()) {
      expect(all[at].length).toBe(states.length);
      for (const [n, value] of states.entries()) expect(Math.abs(all[at][n] - value)).toBeLessThan(2e-6);
    }
    expect(alone).toEqual(all[1]);
    // Its weights stay.
    const second = await countLeaks(async () => encoder.statesOf([{ text: 'a plate', most: 9 }]));
    expect([leaked > 0, second.leaked]).toEqual([true, 0]);
  });

  test('counts tokens as it reads them', () => {
    expect(encoder.countOf('Red mugs', 99)).toBe(3);
    expect(encoder.countOf('Red mugs', 2)).toBe(2);
    expect(encoder.statesOf([{ text: 'Red mugs', most: 2 }])[0].length).toBe(4 * 12);
    expect(encoder.countOf('\u0000', 99)).toBe(1);
  });

  test('folders that it cannot read, and other widths, are refused', () => {
    const open =
      (model: string, width = 12) =>
      () =>
        frozenTextOf({ kind: 'frozen', model, width });
    expect(open(folder, 8)).toThrow(`text.width: got 8, expected 12, the width of ${folder}.`);
    expect(open(changed('config.json', { model_type: 'mpnet' }))).toThrow(/model_type is "mpnet", expected 'bert'/);
    expect(open(changed('config.json', { hidden_size: 13 }))).toThrow(/hidden_size is 13, expected a multiple of 3/);
    const wide = open(changed('config.json', { intermediate_size: 24 }))()!;
    expect(() => wide.statesOf([{ text: 'a', most: 9 }])).toThrow(/config.json needs \[24,12\]/);
    expect(open('minilm-of-nobody')).toThrow(/minilm-of-nobody/);
  });
});

test('the real MiniLM has the token states of transformers', { tags: ['networks', 'data'] }, () => {
  const minilm = frozenTextOf({ kind: 'frozen', model: `${networks}/minilm` })!;
  const {
    minilm: { texts },
  } = JSON.parse(readFileSync(`${sharedData}/pretrained-expected/expected.json`, 'utf8')) as {
    minilm: { texts: string[] };
  };
  const source = readHeader(`${sharedData}/pretrained-expected/expected.safetensors`);
  const right = readTensor(source, 'minilm.hidden');
  const [, length, width] = source.tensors.get('minilm.hidden')!.shape;
  minilm.statesOf(texts.map((text) => ({ text, most: 256 }))).forEach((states, at) => {
    const worst = states.reduce(
      (most, value, n) => Math.max(most, Math.abs(value - right[at * length * width + n])),
      0,
    );
    expect(worst, texts[at]).toBeLessThan(2e-5);
  });
});
