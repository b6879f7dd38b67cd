import type { Question } from './question.js';

/** Which entity does a product point to by a relation? Asked where it is one. */
export const neighbour: Question = {
  name: 'neighbour',
  ask: ({ triples }) =>
    triples
      .filter(
        ({ head, relation }, at) =>
          !triples.some((other, row) => row !== at && other.head === head && other.relation === relation),
      )
      .map((triple) => ({
        prompt: `what does ${triple.head.name} point to by ${triple.relation}`,
        needed: [triple],
        answer: triple.tail.name,
      })),
};
