import { productRelations } from '../triples.js';
import type { Question } from './question.js';

/** Which relation have two products? They are named from tail to head half of the time, so that their order says nothing. */
export const relation: Question = {
  name: 'relation',
  answers: productRelations,
  ask: ({ triples }, stream) =>
    triples.flatMap((triple) => {
      const { head, relation: answer, tail } = triple;
      if (tail.kind === 'value') return [];
      const [a, b] = stream.uniform() < 0.5 ? [head, tail] : [tail, head];
      return [{ prompt: `how are ${a.name} and ${b.name} joined`, needed: [triple], answer }];
    }),
};
