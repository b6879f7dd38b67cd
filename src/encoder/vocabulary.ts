import type { Product } from '../data/types.js';
import { attributeText, categoryText, specialTokens } from '../moon/sequence.js';
import { trainBytePairs } from '../text/byte-pair-trainer.js';
import { createTokenizer, type Tokenizer } from '../text/tokenizer.js';

/** A tokenizer of the special tokens and of bytes alone, for networks whose texts a frozen encoder reads. */
export const markVocabulary = (): Tokenizer =>
  createTokenizer(trainBytePairs([], { vocabSize: 256 + specialTokens.length, specials: specialTokens }));

/**
 * Train a tokenizer on the texts of products: titles, categories, attributes, descriptions, summaries. Never on queries.
 * @param more special tokens beside those of every tokenizer; the vocabulary has `vocabSize` tokens and these
 */
export function trainVocabulary(
  products: readonly Product[],
  vocabSize: number,
  more: readonly string[] = [],
): Tokenizer {
  const texts = products.flatMap((product) => [
    product.title,
    categoryText(product.category),
    ...Object.entries(product.attributes).map(([name, values]) => attributeText(name, values)),
    product.description ?? '',
    product.summary ?? '',
  ]);
  return createTokenizer(
    trainBytePairs(
      texts.map((text) => ` ${text}`),
      { vocabSize: vocabSize + more.length, specials: [...specialTokens, ...more] },
    ),
  );
}
