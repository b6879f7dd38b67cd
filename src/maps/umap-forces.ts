/** Steps a doubling of the squared distance, as bits: values are right to 0.4%. */
const STEPS = 7;
const SHIFT = 23 - STEPS;
/** The first step, at a squared distance of 2^-32; the last one ends at 2^32. */
const FIRST = (127 - 32) << STEPS;
const LAST = (64 << STEPS) - 1;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** A force as a table over the squared distance, in even steps of its logarithm: see `forceAt`. */
export function forceTable(force: (square: number) => number): Float32Array {
  return Float32Array.from({ length: LAST + 1 }, (_, place) => {
    bits[0] = ((FIRST + place) << SHIFT) | (1 << (SHIFT - 1)); // the middle of the step
    return force(float[0]);
  });
}

/**
 * The force at a squared distance: a look-up in place of two powers and a division, where a map spends its time. The leading bits of a
 * float are its place in the table; outside of 2^-32 to 2^32 stands what is at the end.
 */
export function forceAt(table: Float32Array, square: number): number {
  float[0] = square;
  const place = (bits[0] >> SHIFT) - FIRST;
  return table[place < 0 ? 0 : place > LAST ? LAST : place];
}
