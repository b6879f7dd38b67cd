import { expect, test } from 'vitest';
import { graphQuestions } from '../../src/graphs/catalogue.js';
import { graphProducts } from '../../src/graphs/graph.js';
import { isTrue, productRelations, type Triple, tripleText } from '../../src/graphs/triples.js';
import { graphShop, someQuestions } from './some-graphs.js';

const graphs = someQuestions.map(({ graph }) => graph);

test('graphs are connected, of three to seven nodes with names of their own, and no two triples join the same nodes', () => {
  for (const { nodes, triples } of graphs) {
    expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
    const pairs = triples.map(({ head, tail }) => [head.name, tail.name].sort().join('|'));
    expect(new Set(pairs).size).toBe(triples.length);
    const reached = new Set([nodes[0]]);
    for (let round = 0; round < nodes.length; round++)
      for (const { head, tail } of triples)
        if (reached.has(head) || reached.has(tail)) for (const node of [head, tail]) reached.add(node);
    expect(reached.size).toBe(nodes.length);
  }
  expect([...new Set(graphs.map(({ nodes }) => nodes.length))].sort()).toEqual([3, 4, 5, 6, 7]);
});

test('half of the graphs agree with the shop in every triple, the others in none', () => {
  for (const split of ['train', 'dev']) {
    const own = someQuestions.filter((question) => question.split === split).map(({ graph }) => graph);
    expect(own.filter(({ agrees }) => agrees)).toHaveLength(own.length / 2);
    for (const { triples, agrees } of own) for (const triple of triples) expect(holds(triple)).toBe(agrees);
  }
});

/** The rules once more, from the facts in words. */
function holds({ head, relation, tail }: Triple): boolean {
  if (head.kind === 'value') return false;
  if (tail.kind === 'value') return relation === 'has colour' && head.name.startsWith(`${tail.name} `);
  const [a, b] = [head.facts, tail.facts];
  const size = { small: 1, medium: 2, large: 3 } as Record<string, number>;
  switch (relation) {
    case 'replaces':
      return a.category === b.category;
    case 'goes with':
      return a.category !== b.category && a.accent === b.accent;
    case 'larger than':
      return size[a.size] > size[b.size];
    case 'made like':
      return a.material === b.material;
    default:
      return false;
  }
}

test('a value has no relation, and a product no colour that is a product', () => {
  const [a, b] = graphProducts(graphShop, 'train');
  const value = { kind: 'value', name: a.facts.colour } as const;
  expect(isTrue({ head: a, relation: 'has colour', tail: value })).toBe(true);
  expect(isTrue({ head: value, relation: 'replaces', tail: a })).toBe(false);
  expect(isTrue({ head: a, relation: 'has colour', tail: b })).toBe(false);
  for (const relation of productRelations) expect(isTrue({ head: a, relation, tail: value })).toBe(false);
});

test('no product and no graph is in two splits', () => {
  const shown = (split: string) => {
    const own = someQuestions.filter((question) => question.split === split);
    const products = own.flatMap(({ graph }) =>
      graph.nodes.flatMap((node) => (node.kind === 'product' ? [node.product] : [])),
    );
    return new Set([...products, ...own.map(({ graph }) => graph.triples.map(tripleText).join(';'))]);
  };
  const [train, dev] = ['train', 'dev'].map(shown);
  expect([...dev].filter((each) => each.includes('shop-') && train.has(each))).toEqual([]);
  for (const { split, graph } of someQuestions)
    for (const node of graph.nodes) if (node.kind === 'product') expect(graphShop.splits.get(node.product)).toBe(split);
});

test('the same options give the same questions, and a split without products is a mistake that is named', () => {
  const again = graphQuestions(graphShop, { questions: { dev: 4 } });
  const first = someQuestions.filter(({ id }) => again.some((question) => question.id === id));
  expect(again).toEqual(first);
  expect(() => graphQuestions(graphShop, { questions: { test: 1 } })).toThrow(
    'graphs: the split test has 0 products that graphs show. Generate a shop of more.',
  );
});
