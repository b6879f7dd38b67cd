import type { Nearest } from '../search/nearest.js';
import { membershipStrengths } from './umap-strengths.js';

/**
 * The neighbour graph with weights in (0, 1]. Contains both directions of each pair, sorted by `head`: edge e joins point `head[e]` to
 * `tail[e]`.
 */
export interface NeighbourGraph {
  count: number;
  head: Int32Array;
  tail: Int32Array;
  weight: Float64Array;
}

/**
 * The fuzzy graph of UMAP (McInnes et al. 2018, arXiv 1802.03426, section 3.1): the two strengths a and b of a pair, one from each side,
 * are combined to a + b - ab. Edges of weight 0 are left out.
 * @param nearest nearest neighbours of each of `count` points, without the point itself
 */
export function neighbourGraph({ indices, distances }: Nearest, count: number): NeighbourGraph {
  const k = indices.length / count;
  const strengths = membershipStrengths(distances, count);
  const { starts, places } = placesByPoint(indices, count);
  const head = new Int32Array(2 * indices.length);
  const tail = new Int32Array(2 * indices.length);
  const weight = new Float64Array(2 * indices.length);
  let size = 0;
  const add = (from: number, to: number, value: number) => {
    if (value === 0) return;
    head[size] = from;
    tail[size] = to;
    weight[size++] = value;
  };
  /** Strength of each other point towards the current one; reset to 0 once its edge is written. */
  const back = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const named = places.subarray(starts[row], starts[row + 1]);
    for (const at of named) back[Math.floor(at / k)] = strengths[at];
    for (let at = row * k; at < (row + 1) * k; at++) {
      const other = indices[at];
      add(row, other, strengths[at] + back[other] - strengths[at] * back[other]);
      back[other] = 0;
    }
    for (const at of named) {
      const other = Math.floor(at / k);
      add(row, other, back[other]);
      back[other] = 0;
    }
  }
  return { count, head: head.slice(0, size), tail: tail.slice(0, size), weight: weight.slice(0, size) };
}

/** Positions of each point in the indices: those of point p are `places` from `starts[p]` up to `starts[p + 1]`. */
function placesByPoint(indices: Int32Array, count: number) {
  const starts = new Int32Array(count + 1);
  for (const point of indices) starts[point + 1]++;
  for (let point = 0; point < count; point++) starts[point + 1] += starts[point];
  const next = starts.slice();
  const places = new Int32Array(indices.length);
  for (let at = 0; at < indices.length; at++) places[next[indices[at]]++] = at;
  return { starts, places };
}
