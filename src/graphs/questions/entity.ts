import type { Question } from './question.js';

/** Which product of a leaf is there? Asked for products with one edge, which the answer tells too. */
export const entity: Question = {
  name: 'entity',
  ask: ({ nodes, triples }) =>
    nodes.flatMap((node) => {
      if (node.kind === 'value') return [];
      const { category } = node.facts;
      const needed = triples.filter(({ head, tail }) => head === node || tail === node);
      const like = nodes.filter((other) => other.kind === 'product' && other.facts.category === category);
      return needed.length === 1 && like.length === 1
        ? [{ prompt: `which ${category} is there`, needed, answer: node.name }]
        : [];
    }),
};
