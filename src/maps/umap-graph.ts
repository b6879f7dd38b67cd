import { UMAP } from 'umap-js';
import type { Nearest } from '../search/nearest.js';

/** Neighbourhood as weights in (0, 1], both directions of each pair, sorted by `head`: edge e joins point `head[e]` to `tail[e]`. */
export interface NeighbourGraph {
  count: number;
  head: Int32Array;
  tail: Int32Array;
  weight: Float64Array;
}

/** What umap-js 1.4 keeps for itself. Its own joining of the two directions takes five times as long as the whole map may. */
interface Parts {
  smoothKNNDistance(distances: number[][], neighbours: number): { sigmas: number[]; rhos: number[] };
  computeMembershipStrengths(
    indices: number[][],
    distances: number[][],
    sigmas: number[],
    rhos: number[],
  ): { rows: number[]; cols: number[]; vals: number[] };
}

/**
 * The fuzzy graph of UMAP (McInnes 2018, section 3.1): umap-js says how strongly each point belongs to its neighbours, and a pair's two
 * strengths join to a + b - ab.
 * @param nearest of each of `count` points, without the point itself
 */
export function neighbourGraph({ indices, distances }: Nearest, count: number): NeighbourGraph {
  const k = indices.length / count;
  const parts = new UMAP() as unknown as Parts;
  const rows = Array.from({ length: count }, (_, row) => row);
  const near = rows.map((row) => [row, ...indices.subarray(row * k, (row + 1) * k)]);
  const far = rows.map((row) => [0, ...distances.subarray(row * k, (row + 1) * k)]);
  const { sigmas, rhos } = parts.smoothKNNDistance(far, k + 1);
  const strength = parts.computeMembershipStrengths(near, far, sigmas, rhos);
  const joined = rows.map(() => new Map<number, number>());
  const join = (from: number, to: number, value: number) => {
    const other = joined[from].get(to) ?? 0;
    joined[from].set(to, other + value - other * value);
  };
  strength.vals.forEach((value, at) => {
    if (value === 0) return; // a point and itself, or too far to count
    join(strength.rows[at], strength.cols[at], value);
    join(strength.cols[at], strength.rows[at], value);
  });
  return {
    count,
    head: Int32Array.from(joined.flatMap((own, row) => Array<number>(own.size).fill(row))),
    tail: Int32Array.from(joined.flatMap((own) => [...own.keys()])),
    weight: Float64Array.from(joined.flatMap((own) => [...own.values()])),
  };
}
