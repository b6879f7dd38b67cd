import type { RandomStream } from '../engine/random.js';
import type { EdgeList, Relation } from './edge.js';

/** The neighbours of every item: those of item i are `items` from starts[i] to starts[i + 1]. */
export interface Neighbours {
  starts: Int32Array;
  items: Int32Array;
}

/** The neighbours of an item as the first one of an edge, and as the second. */
export interface NeighboursByRole {
  first: Neighbours;
  second: Neighbours;
}

/** Relations that hold in one direction: a case goes with a phone. */
const isDirected: Readonly<Record<Relation, boolean>> = { substitute: false, complement: true };

/**
 * The neighbours of all items. Where a relation has a direction, a first item reads what went with it, and a second one what it went with; else
 * both read either end.
 * @param count number of items
 */
export function neighboursOf(count: number, relation: Relation, { from, to }: EdgeList): NeighboursByRole {
  if (isDirected[relation]) return { first: grouped(count, from, to), second: grouped(count, to, from) };
  const either = grouped(count, concatenated(from, to), concatenated(to, from));
  return { first: either, second: either };
}

/** The values of each key, in their order. */
function grouped(count: number, keys: Int32Array, values: Int32Array): Neighbours {
  const starts = new Int32Array(count + 1);
  for (const key of keys) starts[key + 1]++;
  for (let item = 0; item < count; item++) starts[item + 1] += starts[item];
  const items = new Int32Array(values.length);
  const next = starts.slice();
  for (let at = 0; at < keys.length; at++) items[next[keys[at]]++] = values[at];
  return { starts, items };
}

function concatenated(a: Int32Array, b: Int32Array): Int32Array {
  const all = new Int32Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** Neighbours of some items, filled up to the same number: places beyond the last are 0 in the mask. */
export interface DrawnNeighbours {
  /** [items, size] rows of neighbours */
  items: Int32Array;
  /** [items, size] */
  mask: Float32Array;
}

/**
 * Draw up to `size` neighbours of each item without repetition, all where there are no more.
 * @param without of each item, a neighbour to leave out: the answer that training asks for
 */
export function drawNeighbours(
  { starts, items: all }: Neighbours,
  of: Int32Array,
  size: number,
  stream: RandomStream,
  without?: Int32Array,
): DrawnNeighbours {
  const items = new Int32Array(of.length * size);
  const mask = new Float32Array(of.length * size);
  for (let at = 0; at < of.length; at++) {
    const start = starts[of[at]];
    const count = starts[of[at] + 1] - start;
    let drawn = 0;
    // Selection sampling: each neighbour enters with the chance that leaves as many as are needed.
    for (let seen = 0; seen < count && drawn < size; seen++) {
      if (count > size && stream.uniform() * (count - seen) >= size - drawn) continue;
      const item = all[start + seen];
      if (item === without?.[at]) continue;
      items[at * size + drawn] = item;
      mask[at * size + drawn] = 1;
      drawn++;
    }
  }
  return { items, mask };
}
