import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trainBytePairs } from '../../src/text/byte-pair-trainer.js';
import { createTokenizer } from '../../src/text/tokenizer.js';

/** Made with Hugging Face tokenizers in Python: texts, the merges its trainer learns from them, ids it encodes to. */
const reference: {
  vocabSize: number;
  specials: string[];
  texts: string[];
  merges: string[];
  probes: { text: string; ids: number[]; decoded: string }[];
} = JSON.parse(readFileSync(new URL('../fixtures/byte-pairs.json', import.meta.url), 'utf8'));

const json = trainBytePairs(reference.texts, reference);
const tokenizer = createTokenizer(json);

describe('trainBytePairs', () => {
  it('learns the merges that the Python trainer learns', () => {
    expect((json.model.merges as [string, string][]).map((pair) => pair.join(' '))).toEqual(reference.merges);
  });

  it('does not depend on the order of the texts', () => {
    const reversed = trainBytePairs([...reference.texts].reverse(), reference);
    expect(JSON.stringify(reversed)).toBe(JSON.stringify(json));
  });

  it('does what the slow obvious trainer does', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), (words) => {
        const { model } = trainBytePairs(words, { vocabSize: 270, specials: [] });
        expect(model.merges).toEqual(slowMerges(words, 14));
      }),
      { numRuns: 200 },
    );
  });

  it('gives a smaller vocabulary where nothing repeats, and numbers the specials after it', () => {
    const small = createTokenizer(trainBytePairs(['ab'], { vocabSize: 5000, specials: ['<|end|>'] }));
    expect([small.size, small.idOf('<|end|>')]).toEqual([257, 256]);
  });

  it('refuses a vocabulary that cannot hold the bytes and specials', () => {
    const specials = ['<|a|>', '<|b|>'];
    expect(() => trainBytePairs([], { vocabSize: 257, specials })).toThrow(
      /vocabSize: got 257, expected .* at least 258/,
    );
    expect(() => trainBytePairs([], { vocabSize: 500, specials: ['x', 'x'] })).toThrow(/specials: got "x"/);
  });
});

describe('the trained tokenizer', () => {
  it.each(reference.probes)('encodes and decodes as Python does: $text', ({ text, ids, decoded }) => {
    expect(tokenizer.encode(text)).toEqual(ids);
    expect(tokenizer.decode(ids)).toBe(decoded);
  });

  it('round-trips any text up to its normal form C', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.normalize('NFC'));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps special tokens whole and knows their ids', () => {
    const text = '<|im_start|>蓝色<|im_end|>';
    expect(tokenizer.encode(text).at(-1)).toBe(tokenizer.idOf('<|im_end|>'));
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    expect(tokenizer.idOf('<|nothing|>')).toBeUndefined();
    expect(tokenizer.decode([])).toBe('');
  });
});

/** Recounts every pair after every merge. */
function slowMerges(texts: string[], max: number): string[][] {
  let words = texts.map((text) => [...text]);
  const ids = new Map([
    ['a', 0],
    ['b', 1],
  ]);
  const merges: string[][] = [];
  while (ids.size < max + 2) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let i = 1; i < word.length; i++) {
        const pair = `${word[i - 1]} ${word[i]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const rank = ([pair, count]: [string, number]) => {
      const [left, right] = pair.split(' ');
      return -count * 1e6 + ids.get(left)! * 1e3 + ids.get(right)!;
    };
    const best = [...counts].filter(([, count]) => count >= 2).sort((a, b) => rank(a) - rank(b))[0];
    if (!best) break;
    const [left, right] = best[0].split(' ');
    merges.push([left, right]);
    if (!ids.has(left + right)) ids.set(left + right, ids.size);
    words = words.map((word) => {
      const out: string[] = [];
      for (let i = 0; i < word.length; i++) {
        if (word[i] === left && word[i + 1] === right) out.push(left + word[++i]);
        else out.push(word[i]);
      }
      return out;
    });
  }
  return merges;
}
