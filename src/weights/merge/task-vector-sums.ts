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
      for (let at = 0; at < base.length; at++) {
        ofBase += base[at] * base[at];
        let [sum, size] = [0, 0];
        for (let i = 0; i < deltas.length; i++) {
          const value = deltas[i][at];
          sum += value;
          size += Math.abs(value);
          for (let j = i; j < deltas.length; j++) products[places[i]][places[j]] += value * deltas[j][at];
        }
        if (size > 0) {
          agreement += Math.abs(sum) / size;
          entries++;
        }
      }
    },
    result() {
      if (ofBase === 0 && entries === 0) return undefined;
      const length = names.map((_, at) => Math.sqrt(products[at][at]));
      const dot = (i: number, j: number) => products[i][j] || products[j][i];
      return {
        models: names.map((name, at) => ({ name, length: length[at], ofBase: length[at] / Math.sqrt(ofBase) })),
        cosines: names.map((_, i) => names.map((_, j) => dot(i, j) / (length[i] * length[j] || 1))),
        interference: entries ? 1 - agreement / entries : 0,
      };
    },
  };
}
