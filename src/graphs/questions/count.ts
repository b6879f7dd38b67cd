import { relations } from '../triples.js';
import type { Question } from './question.js';

const MOST = 3;

/** How many triples have a relation: from none to three. */
export const count: Question = {
  name: 'count',
  answers: Array.from({ length: MOST + 1 }, (_, number) => String(number)),
  ask: ({ triples }) =>
    relations.flatMap((relation) => {
      const needed = triples.filter((triple) => triple.relation === relation);
      return needed.length <= MOST
        ? [{ prompt: `how many are ${relation}`, needed, answer: String(needed.length) }]
        : [];
    }),
};
