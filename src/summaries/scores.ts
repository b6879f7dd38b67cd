import type { FactName, Facts } from '../datasets/shop/facts.js';
import { type SellerText, summaryFacts } from '../datasets/shop/seller-text.js';
import { statedFacts } from '../datasets/shop/stated-facts.js';
import { rougeL } from '../tasks/text-scores/rouge.js';

/** How good a summary is. All from 0 to 1. */
export interface SummaryScores {
  /** F1 of the facts that only the photo shows. */
  photo: number;
  /** F1 of those that the seller's text states. */
  text: number;
  /** The fraction of the facts stated, of all seven, whose value is another; 0 where nothing is stated. */
  false: number;
  /** ROUGE-L F1 with the reference that it is most like. */
  rouge: number;
}

/** @param written the summary @param seller of the product @param facts of the product */
export function summaryScores(
  written: string,
  { omitted, summaries }: Pick<SellerText, 'omitted' | 'summaries'>,
  facts: Facts,
): SummaryScores {
  const { right, wrong } = statedFacts(written, facts);
  const f1 = (of: readonly FactName[]) => {
    const count = (names: readonly FactName[]) => names.filter((name) => of.includes(name)).length;
    const [found, mistaken] = [count(right), count(wrong)];
    return found ? (2 * found) / (found + mistaken + of.length) : 0;
  };
  return {
    photo: f1(omitted),
    text: f1(summaryFacts.filter((name) => !omitted.includes(name))),
    false: wrong.length ? wrong.length / (right.length + wrong.length) : 0,
    rouge: Math.max(...summaries.map((reference) => rougeL({ written, reference }).f1)),
  };
}
