import { describe, expect, test } from 'vitest';
import type { Box } from '../../src/data/types.js';
import { groundingPrompt, parseBox } from '../../src/generate/grounding-prompt.js';
import { buildBatch } from '../../src/moon/batch.js';
import { captionSequence, captionTargets, groundingSequence } from '../../src/moon/captions.js';
import { batchOptions } from '../../src/moon/model.js';
import { productSequence, readSequence, type Sequence } from '../../src/moon/sequence.js';
import { createTokenizer } from '../../src/text/tokenizer.js';
import { picture, products, reading, smallModel, tokenizer } from './small.js';

const model = smallModel();
const read = reading(model);
const [apple, onlyTitle] = products;
const box: Box = { x1: 0.25, y1: 0.125, x2: 0.75, y2: 1 };
const grounding = groundingSequence(picture('photo'), 'Golden Delicious', box, 32, read);
const idsOf = ({ segments }: Sequence) => segments.flatMap(({ ids }) => ids);

/** For every sequence of a batch, what it is asked to write: the text of its targets. */
function written(sequences: Sequence[]): string[] {
  const batch = buildBatch(sequences, batchOptions(model));
  const targets = captionTargets(batch);
  return sequences.map((_, at) => {
    const own = targets.subarray(at * batch.length, (at + 1) * batch.length);
    return tokenizer.decode([...own].filter((id) => id >= 0));
  });
}

describe('a caption', () => {
  test('is what the main stage reads, and an end', () => {
    const text = readSequence(productSequence(apple, read), tokenizer);
    expect(readSequence(captionSequence(apple, read), tokenizer)).toBe(`${text} [attribute] <|im_end|>`);
  });

  test('asks for all text after the pictures, token by token, and for nothing of pictures and padding', () => {
    const sequences = [apple, onlyTitle].map((product) => captionSequence(product, read));
    const batch = buildBatch(sequences, batchOptions(model));
    const targets = captionTargets(batch);
    sequences.forEach((sequence, at) => {
      const ids = idsOf(sequence);
      const pictures = sequence.segments.filter(({ image }) => image).flatMap((segment) => segment.ids).length;
      for (let place = 0; place < batch.length; place++) {
        const next = place + 1;
        const asked = next < ids.length && next >= pictures;
        expect(targets[at * batch.length + place]).toBe(asked ? ids[next] : -1);
      }
    });
  });

  test('of a product without text is an end; without pictures it is the text after its first token', () => {
    const bare = { ...apple, title: '', category: [], attributes: {} };
    expect(written([captionSequence(bare, read)])).toEqual(['<|im_end|>']);
    const first = tokenizer.encode(` ${onlyTitle.title}`)[0];
    const [text] = written([captionSequence(onlyTitle, read)]);
    expect(`${tokenizer.decode([first])}${text}`).toBe(` ${onlyTitle.title}<|im_end|>`);
  });

  test('needs a token that ends it', () => {
    const { json } = tokenizer;
    const without = createTokenizer({
      ...json,
      added_tokens: json.added_tokens.filter(({ content }) => content !== '<|im_end|>'),
    });
    expect(() => captionSequence(apple, { ...read, tokenizer: without })).toThrow('The tokenizer has no <|im_end|>.');
  });
});

describe('grounding', () => {
  test('asks what the detector asks, with a picture of as many tokens', () => {
    const grid = { t: 1, h: 4, w: 4 };
    const image = { kind: 'pixels', pixels: new Float32Array(0), grid } as const;
    const { ids } = groundingPrompt(tokenizer, image, 'Golden Delicious', { mergeSize: 2 });
    expect(read.imageTokens).toBe(4);
    expect(idsOf(grounding).slice(0, ids.length)).toEqual(ids);
    expect(grounding.segments[1].image).toEqual({ image: picture('photo') });
  });

  test.each([
    [box, box],
    [
      { x1: 0, y1: 0, x2: 0.001, y2: 0.5 },
      { x1: 0, y1: 0, x2: 1 / 32, y2: 0.5 },
    ],
    [
      { x1: 0.999, y1: 0.999, x2: 1, y2: 1 },
      { x1: 31 / 32, y1: 31 / 32, x2: 1, y2: 1 },
    ],
  ])('asks for the answer that parseBox reads as the box, to the pixel: %o', (given, expected) => {
    const [answer] = written([groundingSequence(picture('photo'), undefined, given, 32, read)]);
    expect(answer).toMatch(/<\|im_end\|>$/);
    expect(parseBox(answer, { width: 32, height: 32 })).toEqual({ box: expected, clipped: false });
  });

  test('stands in one batch with captions', () => {
    const [caption, answer] = written([captionSequence(apple, read), grounding]);
    expect(caption).toBe(' Golden Delicious Fruit > Apple colour: green, yellow; form: whole fruit;<|im_end|>');
    expect(answer).toBe('[{"bbox_2d": [8, 4, 24, 32]}]<|im_end|>');
  });
});
