import { expect, test } from 'vitest';
import { trainBytePairs } from '../../src/text/byte-pair-trainer.js';
import { ggufTokenizer } from '../../src/text/gguf-tokenizer.js';
import { createTokenizer } from '../../src/text/tokenizer.js';

const texts = [
  'Red apples, 12 pieces',
  "It's a red-striped bag",
  'Grüne Äpfel  und 90 € café',
  'line\n\n  another line',
];
const trained = trainBytePairs(texts, { vocabSize: 320, specials: ['<|im_start|>', '<|image_pad|>'] });

/** What llama.cpp's converter writes of a tokenizer. */
function metadata(pre: string): Record<string, unknown> {
  const { vocab, merges } = trained.model;
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(vocab)) tokens[id] = token;
  for (const { id, content } of trained.added_tokens) tokens[id] = content;
  const added = new Set(trained.added_tokens.map(({ id }) => id));
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': pre,
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': tokens.map((_, id) => (added.has(id) ? 3 : 1)),
    'tokenizer.ggml.merges': merges.map((pair) => (typeof pair === 'string' ? pair : pair.join(' '))),
  };
}

test('gives the ids of the tokenizer that was converted', () => {
  const [ours, theirs] = [ggufTokenizer({ file: 'a.gguf', metadata: metadata('qwen2') }), trained].map((json) =>
    createTokenizer(json),
  );
  for (const text of [...texts, '<|im_start|>red<|image_pad|>', '', '!!! 1234\t5']) {
    expect(ours.encode(text), text).toEqual(theirs.encode(text));
    expect(ours.decode(ours.encode(text))).toBe(text.normalize('NFC'));
  }
});

test('smollm cuts digits one by one, and gpt-2 does not', () => {
  const count = (pre: string) => {
    const known = metadata(pre);
    (known['tokenizer.ggml.tokens'] as string[]).push('12');
    (known['tokenizer.ggml.merges'] as string[]).push('1 2');
    return createTokenizer(ggufTokenizer({ file: 'a.gguf', metadata: known })).encode('12').length;
  };
  expect([count('smollm'), count('gpt-2')]).toEqual([2, 1]);
});

test('another kind of tokenizer is refused by name', () => {
  const refused = (changes: object) => () =>
    ggufTokenizer({ file: 'a.gguf', metadata: { ...metadata('qwen2'), ...changes } });
  expect(refused({ 'tokenizer.ggml.model': 'llama' })).toThrow('tokenizer.ggml.model is "llama", expected "gpt2"');
  expect(refused({ 'tokenizer.ggml.pre': 'toString' })).toThrow(
    'tokenizer.ggml.pre is "toString", expected gpt-2 | smollm | qwen2',
  );
});
