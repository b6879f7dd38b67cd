import type { Facts } from '../datasets/shop/facts.js';

/** A product of the shop, shown by its icon. Its name tells colour and leaf: `red mug`. */
export interface ProductNode {
  kind: 'product';
  name: string;
  /** Id in the shop. */
  product: string;
  facts: Facts;
}

/** A colour, shown as a disc. */
export interface ValueNode {
  kind: 'value';
  name: string;
}

export type GraphNode = ProductNode | ValueNode;

const sizes = ['small', 'medium', 'large'];

/** What the shop says of two products. Only the first relation can be seen in their names. */
const rules = {
  replaces: (a: Facts, b: Facts) => a.category === b.category,
  'goes with': (a: Facts, b: Facts) => a.category !== b.category && a.accent === b.accent,
  'larger than': (a: Facts, b: Facts) => sizes.indexOf(a.size) > sizes.indexOf(b.size),
  'made like': (a: Facts, b: Facts) => a.material === b.material,
} as const;

/** Relations of two products, and of all nodes. */
export const productRelations = Object.keys(rules) as (keyof typeof rules)[];
export const relations = [...productRelations, 'has colour'] as const;
export type Relation = (typeof relations)[number];

/** An edge of a graph, from its head to its tail. */
export interface Triple {
  head: GraphNode;
  relation: Relation;
  tail: GraphNode;
}

/** Whether a triple agrees with the shop. One that makes no sense, such as a value that replaces a product, does not. */
export function isTrue({ head, relation, tail }: Triple): boolean {
  if (head.kind === 'value') return false;
  if (relation === 'has colour') return tail.kind === 'value' && tail.name === head.facts.colour;
  return tail.kind === 'product' && rules[relation](head.facts, tail.facts);
}

/** A triple in words: `red mug goes with teal bowl`. */
export const tripleText = ({ head, relation, tail }: Triple): string => `${head.name} ${relation} ${tail.name}`;
