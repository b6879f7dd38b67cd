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

  test('has the token states of transformers, of texts cut to the longest too, and its weights stay', async () => {
    // Moon's mask stands for a withheld word, and BERT has a token of its own for that.
    const texts = expected.map(({ text }) => ({ text: text.replace('[MASK]', '[mask]'), most: 99 }));
    const { result, leaked } = await countLeaks(async () => texts.map(encoder.statesOf));
    for (const [at, { states }] of expected.entries()) {
      expect(result[at].length).toBe(states.length);
      for (const [n, value] of states.entries()) expect(Math.abs(result[at][n] - value)).toBeLessThan(2e-6);
    }
    const second = await countLeaks(async () => encoder.statesOf({ text: 'a plate', most: 9 }));
    expect([leaked > 0, second.leaked]).toEqual([true, 0]);
  });

  test('reads a text the same, to the bit, whatever was read before or beside it', () => {
    const of = (text: string) => ({ text, most: 9 });
    const fresh = frozenTextOf({ kind: 'frozen', model: changed('config.json', {}), width: 12 })!;
    const red = fresh.read(of('red cup'));
    const [, again] = [encoder.read(of('plate')), encoder.read(of('red cup'))];
    expect(again).toEqual(red);
    const states = encoder.statesOf(of('red cup'));
    const mean = Array.from({ length: 12 }, (_, at) =>
      [0, 1, 2, 3].reduce((sum, row) => sum + states[row * 12 + at], 0),
    );
    const norm = Math.hypot(...mean);
    for (const [at, value] of mean.entries()) expect(red.sentence[at]).toBeCloseTo(value / norm, 5);
    expect(red.tokens.length).toBe(2 * 12);
    expect(red.tokens.reduce((sum, value) => sum + value ** 2, 0) / 24).toBeCloseTo(1, 5);
    expect(red.tokens[0] / red.tokens[1]).toBeCloseTo(states[12] / states[13], 3);
  });

  test('counts tokens as it reads them', () => {
    expect(encoder.countOf({ text: 'Red mugs', most: 99 })).toBe(3);
    expect(encoder.countOf({ text: 'Red mugs', most: 2 })).toBe(2);
    expect(encoder.statesOf({ text: 'Red mugs', most: 2 }).length).toBe(4 * 12);
    expect(encoder.countOf({ text: '\u0000', most: 99 })).toBe(1);
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
    expect(() => wide.statesOf({ text: 'a', most: 9 })).toThrow(/config.json needs \[24,12\]/);
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
  texts.forEach((text, at) => {
    const states = minilm.statesOf({ text, most: 256 });
    const worst = states.reduce(
      (most, value, n) => Math.max(most, Math.abs(value - right[at * length * width + n])),
      0,
    );
    expect(worst, texts[at]).toBeLessThan(2e-5);
  });
});
