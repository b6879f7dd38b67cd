import type { Split } from '../data/types.js';
import type { Shop } from '../datasets/shop/shop-type.js';
import type { RandomStream } from '../engine/random.js';
import { type GraphNode, isTrue, type ProductNode, productRelations, relations, type Triple } from './triples.js';

/** Leaves and colours that can be told apart at the size of an icon. */
export const graphLeaves = ['mug', 'chair', 'boot', 'clock', 'umbrella', 'dress'] as const;
export const graphColours = ['red', 'orange', 'green', 'blue', 'purple'] as const;

/** Patterns that leave most of a product in its colour. */
export const graphPatterns = ['plain', 'pinstriped'] as const;

/** A connected graph of products and values. */
export interface Graph {
  /** In the order in which the graph grew: each but the first is joined to an earlier one. */
  nodes: readonly GraphNode[];
  /** In a random order; no two join the same nodes. */
  triples: readonly Triple[];
  /** Whether all of its triples agree with the shop. If not, all contradict it, and only the picture tells them. */
  agrees: boolean;
}

/** Products of a split that graphs show. */
export function graphProducts({ products, splits, facts }: Shop, split: Split): ProductNode[] {
  return products.flatMap(({ id }) => {
    const own = facts.get(id)!;
    const isShown =
      graphLeaves.some((leaf) => leaf === own.category) &&
      graphColours.some((colour) => colour === own.colour) &&
      graphPatterns.some((pattern) => pattern === own.pattern);
    return splits.get(id) === split && isShown
      ? [{ kind: 'product', name: `${own.colour} ${own.category}`, product: id, facts: own }]
      : [];
  });
}

/** How often a graph has an edge more than a tree. */
const EXTRA_EDGE = 0.3;
const MOST_TRIES = 200;

/**
 * Grow a graph of so many nodes. Names are unique in it, and a node has one colour at most.
 * @param pool products to draw from
 * @returns undefined where none was found
 */
export function growGraph(
  pool: readonly ProductNode[],
  { nodes: count, agrees }: { nodes: number; agrees: boolean },
  stream: RandomStream,
): Graph | undefined {
  const nodes: GraphNode[] = [stream.pick(pool)];
  const triples: Triple[] = [];
  for (let tries = 0; nodes.length < count; tries++) {
    if (tries === MOST_TRIES) return undefined;
    const joined = nextTriple(pool, nodes, triples, agrees, stream);
    if (!joined) continue;
    triples.push(joined);
    nodes.push(nodes.includes(joined.head) ? joined.tail : joined.head);
  }
  const extra = stream.uniform() < EXTRA_EDGE && extraTriple(nodes, triples, agrees, stream);
  return { nodes, triples: stream.shuffle([...triples, ...(extra ? [extra] : [])]), agrees };
}

/** A triple that joins a new node to one of the graph. */
function nextTriple(
  pool: readonly ProductNode[],
  nodes: readonly GraphNode[],
  triples: readonly Triple[],
  agrees: boolean,
  stream: RandomStream,
): Triple | undefined {
  const node = stream.pick(nodes.filter(({ kind }) => kind === 'product'));
  const relation = stream.pick(relations);
  const isHead = stream.uniform() < 0.5;
  const names = new Set(nodes.map(({ name }) => name));
  const others: GraphNode[] =
    relation === 'has colour'
      ? triples.some((triple) => triple.head === node && triple.relation === relation)
        ? []
        : graphColours.map((name) => ({ kind: 'value', name }))
      : [...pool];
  const possible = others
    .filter(({ name }) => !names.has(name))
    .map(
      (other): Triple =>
        isHead || relation === 'has colour'
          ? { head: node, relation, tail: other }
          : { head: other, relation, tail: node },
    )
    .filter((triple) => isTrue(triple) === agrees);
  return possible.length ? stream.pick(possible) : undefined;
}

/** A triple between two products of the graph that none joins yet. */
function extraTriple(
  nodes: readonly GraphNode[],
  triples: readonly Triple[],
  agrees: boolean,
  stream: RandomStream,
): Triple | undefined {
  const products = nodes.filter(({ kind }) => kind === 'product');
  const possible = products.flatMap((head) =>
    products
      .filter((tail) => head !== tail && !triples.some((triple) => joins(triple, head, tail)))
      .flatMap((tail) => productRelations.map((relation): Triple => ({ head, relation, tail })))
      .filter((triple) => isTrue(triple) === agrees),
  );
  return possible.length ? stream.pick(possible) : undefined;
}

/** Whether a triple is between two nodes, in either direction. */
export const joins = ({ head, tail }: Triple, a: GraphNode, b: GraphNode): boolean =>
  (head === a && tail === b) || (head === b && tail === a);
