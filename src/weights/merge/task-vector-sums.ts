import { dot } from '../../engine/dot.js';
import { part } from './task-vector.js';

/** How long task vectors are and how they lie to each other. */
export interface TaskVectors {
  models: {
    name: string;
    /** |t| */
    length: number;
    /** |t| / |base| */
    ofBase: number;
  }[];
  /** Cosines between the models' task vectors, by their order. */
  cosines: number[][];
  /**
   * 1 - mean |sum of t| / sum of |t|, over entries: 0 where all models agree on every sign (interference as in arXiv 2402.12750). Entries that no
   * model changes do not count.
   */
  interference: number;
}

/** Sums over tensors from which lengths and angles follow. */
export function taskVectorSums(names: readonly string[]): {
  add(models: readonly string[], deltas: readonly Float32Array[], base: Float32Array): void;
  /** Undefined if nothing was added. */
  result(): TaskVectors | undefined;
} {
  const products = names.map(() => names.map(() => 0));
  let [ofBase, agreement, entries] = [0, 0, 0];
  return {
    add(models, deltas, base) {
      const places = models.map((name) => names.indexOf(name));
      ofBase += dot(base, base);
      for (let i = 0; i < deltas.length; i++)
        for (let j = i; j < deltas.length; j++) products[places[i]][places[j]] += dot(deltas[i], deltas[j]);
      const [sum, size] = [new Float64Array(part), new Float64Array(part)];
      for (let start = 0; start < base.length; start += part) {
        const count = Math.min(part, base.length - start);
        sum.fill(0);
        size.fill(0);
        for (const delta of deltas) addTo(sum, size, delta, start, count);
        for (let at = 0; at < count; at++) {
          if (size[at] === 0) continue;
          agreement += Math.abs(sum[at]) / size[at];
          entries++;
        }
      }
    },
    result() {
      if (ofBase === 0 && entries === 0) return undefined;
      const length = names.map((_, at) => Math.sqrt(products[at][at]));
      const between = (i: number, j: number) => products[i][j] || products[j][i];
      return {
        models: names.map((name, at) => ({ name, length: length[at], ofBase: length[at] / Math.sqrt(ofBase) })),
        cosines: names.map((_, i) => names.map((_, j) => between(i, j) / (length[i] * length[j] || 1))),
        interference: entries ? 1 - agreement / entries : 0,
      };
    },
  };
}

function addTo(sum: Float64Array, size: Float64Array, delta: Float32Array, start: number, count: number): void {
  for (let at = 0; at < count; at++) {
    const value = delta[start + at];
    sum[at] += value;
    size[at] += Math.abs(value);
  }
}
