/**
 * Which entries are the `count` largest in magnitude: 1 for these, 0 for the others. Among equal magnitudes the first ones count. In three passes,
 * without sorting: magnitudes are ordered as their bits, so two counts, of the upper and of the lower half of the bits, find the bound.
 */
export function largest(values: Float32Array, count: number): Uint8Array {
  const chosen = new Uint8Array(values.length);
  if (count >= values.length) return chosen.fill(1);
  if (count <= 0) return chosen;
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const upper = new Uint32Array(1 << 15);
  for (let at = 0; at < bits.length; at++) upper[(bits[at] & MAGNITUDE) >>> 16]++;
  const high = binOf(upper, count);
  const lower = new Uint32Array(1 << 16);
  for (let at = 0; at < bits.length; at++) if ((bits[at] & MAGNITUDE) >>> 16 === high.bin) lower[bits[at] & 0xffff]++;
  const low = binOf(lower, count - high.above);
  const bound = (high.bin << 16) | low.bin;
  let ties = count - high.above - low.above;
  for (let at = 0; at < bits.length; at++) {
    const own = bits[at] & MAGNITUDE;
    chosen[at] = Number(own > bound);
    if (own === bound && ties-- > 0) chosen[at] = 1;
  }
  return chosen;
}

/** All bits but the sign. */
const MAGNITUDE = 0x7fffffff;

/** The bin that holds the entry at this rank, counted from the last bin, and the number of entries in the bins after it. */
function binOf(counts: Uint32Array, rank: number): { bin: number; above: number } {
  let above = 0;
  let bin = counts.length - 1;
  while (above + counts[bin] < rank) above += counts[bin--];
  return { bin, above };
}

/** The same row by row: each row has as many, and the first rows one more where the number does not divide. */
export function largestByRow(values: Float32Array, columns: number, count: number): Uint8Array {
  const rows = values.length / columns;
  const each = Math.floor(count / rows);
  const more = count - each * rows;
  const chosen = new Uint8Array(values.length);
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * columns, (row + 1) * columns);
    const kept = each + Number(row < more);
    const sorted = own.map(Math.abs).sort();
    const bound = sorted[columns - kept];
    let ties = kept - (columns - upperBound(sorted, bound));
    for (let at = 0; at < columns; at++) {
      const size = Math.abs(own[at]);
      if (size > bound || (size === bound && ties-- > 0)) chosen[row * columns + at] = 1;
    }
  }
  return chosen;
}

/** The number of entries of a sorted list that are at most `value`. */
function upperBound(sorted: Float32Array, value: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle] <= value) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The chosen values; exact zeros elsewhere. */
export function masked(values: Float32Array, chosen: Uint8Array): Float32Array {
  const kept = new Float32Array(values.length);
  // A product is faster than a branch that no processor can foresee; the sum makes -0 to 0.
  for (let at = 0; at < kept.length; at++) kept[at] = values[at] * chosen[at] + 0;
  return kept;
}
