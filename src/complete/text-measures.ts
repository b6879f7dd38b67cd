import type { Product } from '../data/types.js';
import type { Shop } from '../datasets/shop/shop-type.js';
import { statedFacts } from '../datasets/shop/stated-facts.js';
import { corpusBleu, type TextPair } from '../tasks/text-scores/bleu.js';
import { jaccard, rougeL, rougeN } from '../tasks/text-scores/rouge.js';
import { tfidfCosine } from '../tasks/text-scores/tfidf.js';
import { type Filled, textOf } from './filler.js';

/**
 * How like the true titles the texts are, and what they state: means over products, but for BLEU, which is of all texts together.
 * @param alike how alike two texts are by their token states
 */
export function textMeasures(
  shop: Shop,
  known: readonly Product[],
  truth: readonly Product[],
  filled: readonly Filled[],
  alike?: (pair: TextPair) => number,
): Record<string, number> {
  const pairs = truth.map(({ title }, at): TextPair => ({ written: textOf(filled[at]), reference: title }));
  const mean = (of: (pair: TextPair) => number) => pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  const stated = truth.map(({ id }, at) => statedFacts(pairs[at].written, shop.facts.get(id)!));
  const count = (of: 'right' | 'wrong' | 'unsaid') => stated.reduce((sum, facts) => sum + facts[of].length, 0);
  const [right, wrong, unsaid] = [count('right'), count('wrong'), count('unsaid')];
  return {
    'token F1': mean((pair) => rougeN(pair, 1).f1),
    Jaccard: mean(jaccard),
    'TF-IDF cosine': mean(tfidfCosine(known.map(({ title }) => title))),
    BLEU: corpusBleu(pairs),
    'ROUGE-L F1': mean((pair) => rougeL(pair).f1),
    ...(alike && { 'token states F1': mean(alike) }),
    'facts right': right / truth.length,
    'facts wrong': wrong / truth.length,
    'facts unsaid': unsaid / truth.length,
    ...(right + wrong && { 'true of what is stated': right / (right + wrong) }),
    'left empty': filled.filter((own) => 'none' in own).length / truth.length,
  };
}
