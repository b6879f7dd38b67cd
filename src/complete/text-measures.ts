import type { Product } from '../data/types.js';
import type { Facts } from '../datasets/shop/facts.js';
import { statedFacts } from '../datasets/shop/stated-facts.js';
import { corpusBleu, type TextPair } from '../tasks/text-scores/bleu.js';
import { jaccard, rougeL, rougeN } from '../tasks/text-scores/rouge.js';
import { tfidfCosine } from '../tasks/text-scores/tfidf.js';
import { type Filled, textOf } from './filler.js';

export interface MeasuredTitles {
  /** Products with their own titles, and in the same order what a filler says. */
  truth: readonly Product[];
  filled: readonly Filled[];
  /** Products whose titles say how rare a word is. */
  known: readonly Product[];
  /** What is true of each product, by its id, where that is known. */
  facts?: ReadonlyMap<string, Facts>;
  /** How alike two texts are by their token states (`textMatcher`); left out where it is not given. */
  alike?: (pair: TextPair) => number;
}

/** How like the true titles the texts are, and what they state: means over products, but for BLEU, which is of all texts together. */
export function textMeasures({ truth, filled, known, facts, alike }: MeasuredTitles): Record<string, number> {
  const pairs = truth.map(({ title }, at): TextPair => ({ written: textOf(filled[at]), reference: title }));
  const mean = (of: (pair: TextPair) => number) => pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  return {
    'token F1': mean((pair) => rougeN(pair, 1).f1),
    Jaccard: mean(jaccard),
    'TF-IDF cosine': mean(tfidfCosine(known.map(({ title }) => title))),
    BLEU: corpusBleu(pairs),
    'ROUGE-L F1': mean((pair) => rougeL(pair).f1),
    ...(alike && { 'token states F1': mean(alike) }),
    ...(facts && factMeasures(truth.map(({ id }, at) => statedFacts(pairs[at].written, facts.get(id)!)))),
    'left empty': filled.filter((own) => 'none' in own).length / truth.length,
  };
}

function factMeasures(stated: readonly ReturnType<typeof statedFacts>[]): Record<string, number> {
  const count = (of: 'right' | 'wrong' | 'unsaid') => stated.reduce((sum, facts) => sum + facts[of].length, 0);
  const [right, wrong, unsaid] = [count('right'), count('wrong'), count('unsaid')];
  return {
    'facts right': right / stated.length,
    'facts wrong': wrong / stated.length,
    'facts unsaid': unsaid / stated.length,
    ...(right + wrong && { 'true of what is stated': right / (right + wrong) }),
  };
}
