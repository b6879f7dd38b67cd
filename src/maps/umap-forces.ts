/** Table steps per doubling of the squared distance, as a number of bits. Values are accurate to 0.4%. */
const STEPS = 7;
const SHIFT = 23 - STEPS;
/** The first step is at a squared distance of 2^-32; the last one ends at 2^32. */
const FIRST = (127 - 32) << STEPS;
const LAST = (64 << STEPS) - 1;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** Tabulate a force over the squared distance, in equal steps of its logarithm. See `forceAt`. */
export function forceTable(force: (square: number) => number): Float32Array {
  return Float32Array.from({ length: LAST + 1 }, (_, place) => {
    bits[0] = ((FIRST + place) << SHIFT) | (1 << (SHIFT - 1)); // the middle of the step
    return force(float[0]);
  });
}

/**
 * Look up the force at a squared distance. This replaces two powers and a division in the innermost loop. The leading bits of a float are
 * its index in the table; distances outside of 2^-32 to 2^32 use the first or last entry.
 */
export function forceAt(table: Float32Array, square: number): number {
  float[0] = square;
  const place = (bits[0] >> SHIFT) - FIRST;
  return table[place < 0 ? 0 : place > LAST ? LAST : place];
}
