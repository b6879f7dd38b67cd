import type { Product } from '../data/types.js';
import { attributeText, categoryText, specialTokens } from '../moon/sequence.js';
import { trainBytePairs } from '../text/byte-pair-trainer.js';
import { createTokenizer, type Tokenizer } from '../text/tokenizer.js';

/** A tokenizer of the special tokens and of bytes alone, for networks whose texts a frozen encoder reads. */
export const markVocabulary = (): Tokenizer =>
  createTokenizer(trainBytePairs([], { vocabSize: 256 + specialTokens.length, specials: specialTokens }));

/** Products whose texts are read: of more, so many at equal distances. Their words repeat long before. */
const MOST_PRODUCTS = 100_000;

/**
 * Train a tokenizer on the texts of products: titles, categories, attributes, descriptions, summaries; of more than 100,000 products, on those
 * of every second, third and so on. Never on queries.
 * @param more special tokens beside those of every tokenizer; the vocabulary has `vocabSize` tokens and these
 */
export function trainVocabulary(
  products: readonly Product[],
  vocabSize: number,
  more: readonly string[] = [],
): Tokenizer {
  const texts = textsOf(products, Math.ceil(products.length / MOST_PRODUCTS));
  return createTokenizer(
    trainBytePairs(texts, { vocabSize: vocabSize + more.length, specials: [...specialTokens, ...more] }),
  );
}

/** The texts of each `step`-th product, as words that begin with a space. */
function* textsOf(products: readonly Product[], step: number): Generator<string> {
  for (let at = 0; at < products.length; at += step) {
    const { title, category, attributes, description = '', summary = '' } = products[at];
    const values = Object.entries(attributes).map(([name, values]) => attributeText(name, values));
    for (const text of [title, categoryText(category), ...values, description, summary]) yield ` ${text}`;
  }
}
