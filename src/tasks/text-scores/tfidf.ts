import { splitWords } from '../../search/bm25.js';
import type { TextPair } from './bleu.js';

/**
 * The cosine of two texts by their words, each weighed by how rare it is in a collection, as scikit-learn's TfidfVectorizer does: words of at least two
 * letters, log((1 + texts) / (1 + texts with it)) + 1. Words that the collection lacks do not count; 0 where a text has none that does.
 */
export function tfidfCosine(collection: readonly string[]): (pair: TextPair) => number {
  const documents = new Map<string, number>();
  for (const text of collection)
    for (const word of new Set(wordsOf(text))) documents.set(word, (documents.get(word) ?? 0) + 1);
  const weigh = (text: string) => {
    const weights = new Map<string, number>();
    for (const word of wordsOf(text)) {
      const known = documents.get(word);
      if (known === undefined) continue;
      const rarity = Math.log((1 + collection.length) / (1 + known)) + 1;
      weights.set(word, (weights.get(word) ?? 0) + rarity);
    }
    return weights;
  };
  return ({ written, reference }) => {
    const [own, right] = [weigh(written), weigh(reference)];
    let product = 0;
    for (const [word, weight] of own) product += weight * (right.get(word) ?? 0);
    const length = Math.hypot(...own.values()) * Math.hypot(...right.values());
    return length ? product / length : 0;
  };
}

const wordsOf = (text: string) => splitWords(text).filter(({ length }) => length > 1);
