import type { Graph } from '../graph.js';
import { isTrue, productRelations, type Triple, tripleText } from '../triples.js';
import type { Question } from './question.js';

const LISTED = 3;

/** Three triples are listed, and one is wrong: which? The answer tells how it should be. A wrong one agrees with the shop where the graph does. */
export const error: Question = {
  name: 'error',
  answers: Array.from({ length: LISTED }, (_, at) => String(at + 1)),
  ask(graph, stream) {
    if (graph.triples.length < LISTED) return [];
    return Array.from({ length: LISTED }, (_, at) => at).flatMap((at) => {
      const listed = stream.shuffle(graph.triples).slice(0, LISTED);
      const possible = wrongOnes(graph, listed[at]);
      if (!possible.length) return [];
      const shown = listed.map((triple, row) => (row === at ? stream.pick(possible) : triple));
      const text = shown.map((triple, row) => `${row + 1} ${tripleText(triple)}`).join('; ');
      return [{ prompt: `which is wrong ${text}`, needed: [listed[at]], answer: String(at + 1) }];
    });
  },
};

/** A triple with another relation or another tail, or turned round. */
function wrongOnes({ nodes, triples, agrees }: Graph, { head, relation, tail }: Triple): Triple[] {
  const all: Triple[] = [
    ...(tail.kind === 'product' ? productRelations.map((other) => ({ head, relation: other, tail })) : []),
    ...nodes.filter((node) => node.kind === tail.kind && node !== head).map((node) => ({ head, relation, tail: node })),
    ...(tail.kind === 'product' ? [{ head: tail, relation, tail: head }] : []),
  ];
  const texts = new Set(triples.map(tripleText));
  return all.filter((triple) => !texts.has(tripleText(triple)) && isTrue(triple) === agrees);
}
