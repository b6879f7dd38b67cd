import { splitWords } from '../../search/bm25.js';
import { sharedRuns, type TextPair } from './bleu.js';

/** How much of what was written is right, how much of the reference was written, and their harmonic mean; 0 where a text is empty. */
export interface Overlap {
  precision: number;
  recall: number;
  f1: number;
}

/** ROUGE-N (Lin 2004): the runs of `order` words that both texts have. ROUGE-1's F1 is the token F1 of question answering. */
export function rougeN({ written, reference }: TextPair, order: number): Overlap {
  const [own, right] = [written, reference].map(splitWords);
  return overlapOf(sharedRuns(own, right, order), own.length - order + 1, right.length - order + 1);
}

/** ROUGE-L: the longest sequence of words that both texts have in order, with others between. */
export function rougeL({ written, reference }: TextPair): Overlap {
  const [own, right] = [written, reference].map(splitWords);
  let above = new Array<number>(right.length + 1).fill(0);
  for (const word of own) {
    const row = [0];
    for (const [at, other] of right.entries())
      row.push(word === other ? above[at] + 1 : Math.max(above[at + 1], row[at]));
    above = row;
  }
  return overlapOf(above[right.length], own.length, right.length);
}

/** Words that both texts have, of all different ones; 1 for two empty texts. */
export function jaccard({ written, reference }: TextPair): number {
  const [own, right] = [written, reference].map((text) => new Set(splitWords(text)));
  const all = new Set([...own, ...right]).size;
  return all ? (own.size + right.size - all) / all : 1;
}

function overlapOf(shared: number, written: number, reference: number): Overlap {
  if (!shared) return { precision: 0, recall: 0, f1: 0 };
  const [precision, recall] = [shared / written, shared / reference];
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall) };
}
