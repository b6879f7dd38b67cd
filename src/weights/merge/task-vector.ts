/** Turn a model into its task vector, how far it is from its base, in place. */
export function subtract(model: Float32Array, base: Float32Array): Float32Array {
  for (let at = 0; at < model.length; at++) model[at] -= base[at];
  return model;
}

/** base + factor * delta, entry by entry. */
export function addScaled(base: Float32Array, delta: Float32Array, factor: number): Float32Array {
  const sum = new Float32Array(base.length);
  for (let at = 0; at < sum.length; at++) sum[at] = base[at] + factor * delta[at];
  return sum;
}

/** A number for each model: those of the option, else 1. */
export const weightsOf = (option: { weights?: readonly number[] }, models: number): readonly number[] =>
  option.weights ?? Array<number>(models).fill(1);

/**
 * Entries that are computed together, one model after the other: several times faster than all models at each entry, and the sums, in double
 * precision and rounded once, stay in the processor's cache.
 */
export const part = 2048;
const sums = new Float64Array(part);

/** sum of weight * vector, entry by entry. @param into for the result */
export function weightedSum(
  vectors: readonly Float32Array[],
  weights: readonly number[],
  into: Float32Array = new Float32Array(vectors[0].length),
): Float32Array {
  if (vectors.length === 2) return sumOfTwo(vectors[0], weights[0], vectors[1], weights[1], into);
  for (let start = 0; start < into.length; start += part) {
    const count = Math.min(part, into.length - start);
    sums.fill(0);
    for (let model = 0; model < vectors.length; model++) addPart(sums, vectors[model], weights[model], start, count);
    for (let at = 0; at < count; at++) into[start + at] = sums[at];
  }
  return into;
}

/** Add factor * vector, from its entry `start` on, to the first `count` sums. */
export function addPart(sums: Float64Array, vector: Float32Array, factor: number, start: number, count: number): void {
  for (let at = 0; at < count; at++) sums[at] += factor * vector[start + at];
}

/** The usual case, in one pass. */
function sumOfTwo(a: Float32Array, ofA: number, b: Float32Array, ofB: number, into: Float32Array): Float32Array {
  for (let at = 0; at < into.length; at++) into[at] = ofA * a[at] + ofB * b[at];
  return into;
}
