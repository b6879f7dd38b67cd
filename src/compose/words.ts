import { assert } from '../checks/error.js';
import type { Facts } from './quiz.js';

/** The words of a small language model: one token for each value of a fact, for the place of each product, and for the question. */
export interface Words {
  size: number;
  idOf(word: string): number;
}

/** Numbers of the products of a question, and what asks for the shared value. */
export const places = ['<1>', '<2>', '<3>'] as const;
export const ASK = '<shared>';

/** @param facts names of the facts whose values become words */
export function wordsOf(products: readonly Facts[], facts: readonly string[]): Words {
  const values = new Set(facts.flatMap((name) => products.flatMap((own) => own[name] ?? [])));
  const ids = new Map([...places, ASK, ...[...values].sort()].map((word, id) => [word, id]));
  return {
    size: ids.size,
    idOf(word) {
      const id = ids.get(word);
      assert(id !== undefined, `${word} is a word`);
      return id;
    },
  };
}
