import type { Tokenizer } from './tokenizer.js';

/** Maximum number of cached texts; the oldest is dropped first. */
const MAX_TEXTS = 50_000;

/** A tokenizer that caches encoded texts: training reads the same titles and attributes repeatedly. */
export function cachedTokenizer(tokenizer: Tokenizer): Tokenizer {
  const known = new Map<string, number[]>();
  return {
    ...tokenizer,
    encode(text) {
      const ids = known.get(text) ?? tokenizer.encode(text);
      if (!known.has(text)) {
        if (known.size >= MAX_TEXTS) known.delete(known.keys().next().value!);
        known.set(text, ids);
      }
      return [...ids];
    },
  };
}
