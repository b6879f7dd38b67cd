import { remembered } from '../store/remembered.js';
import type { Tokenizer } from './tokenizer.js';

/** Maximum number of cached texts. */
const MAX_TEXTS = 50_000;

/** A tokenizer that caches encoded texts: training reads the same titles and attributes repeatedly. */
export function cachedTokenizer(tokenizer: Tokenizer): Tokenizer {
  const encode = remembered(tokenizer.encode, { keyOf: (text) => text, most: MAX_TEXTS });
  return { ...tokenizer, encode: (text) => [...encode(text)] };
}
