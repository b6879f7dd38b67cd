/** What an edge says: either item would do, or the second goes with the first. */
export const relations = ['substitute', 'complement'] as const;
export type Relation = (typeof relations)[number];

/** Edges of one relation between items by their row: from[at] -> to[at]. */
export interface EdgeList {
  from: Int32Array;
  to: Int32Array;
}

/** Edges of every relation. */
export type Edges = Readonly<Record<Relation, EdgeList>>;

/** Edges from pairs of rows. */
export const edgeList = (pairs: readonly (readonly [from: number, to: number])[]): EdgeList => ({
  from: Int32Array.from(pairs, ([from]) => from),
  to: Int32Array.from(pairs, ([, to]) => to),
});
