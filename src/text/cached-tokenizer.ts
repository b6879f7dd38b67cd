import type { Tokenizer } from './tokenizer.js';

/** Texts kept at most; the oldest goes first. */
const MOST = 50_000;

/** The same tokenizer, which encodes a text once: training reads the same titles and attributes again and again. */
export function cachedTokenizer(tokenizer: Tokenizer): Tokenizer {
  const known = new Map<string, number[]>();
  return {
    ...tokenizer,
    encode(text) {
      const ids = known.get(text) ?? tokenizer.encode(text);
      if (!known.has(text)) {
        if (known.size >= MOST) known.delete(known.keys().next().value!);
        known.set(text, ids);
      }
      return [...ids];
    },
  };
}
