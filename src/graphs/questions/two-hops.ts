import type { Graph } from '../graph.js';
import { relations, type Triple } from '../triples.js';
import type { Question } from './question.js';

/** Pairs of triples, the second of which starts where the first ends. */
const paths = ({ triples }: Graph): [Triple, Triple][] =>
  triples.flatMap((first) =>
    triples.filter(({ head }) => head === first.tail).map((second): [Triple, Triple] => [first, second]),
  );

/** Where does a path of two relations lead? Asked where there is one such path from its start. */
export const entityReasoning: Question = {
  name: 'entity-reasoning',
  ask: (graph) =>
    paths(graph).flatMap(([first, second], _, all) => {
      const same = all.filter(
        ([a, b]) => a.head === first.head && a.relation === first.relation && b.relation === second.relation,
      );
      return same.length === 1
        ? [
            {
              prompt: `from ${first.head.name} by ${first.relation} then ${second.relation} to what`,
              needed: [first, second],
              answer: second.tail.name,
            },
          ]
        : [];
    }),
};

/** By which relation does a path go on from where a first relation leads? Asked where there is one such path, whose end is not named. */
export const relationReasoning: Question = {
  name: 'relation-reasoning',
  answers: relations,
  ask: (graph) =>
    paths(graph).flatMap(([first, second], _, all) => {
      const same = all.filter(([a]) => a.head === first.head && a.relation === first.relation);
      return same.length === 1
        ? [
            {
              prompt: `from ${first.head.name} by ${first.relation} then by which`,
              needed: [first, second],
              answer: second.relation,
            },
          ]
        : [];
    }),
};
