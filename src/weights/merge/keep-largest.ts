/** The entries of largest magnitude; zero elsewhere. Among equal magnitudes the first ones stay. */
export function keepLargest(values: Float32Array, count: number): Float32Array {
  if (count >= values.length) return values.slice();
  if (count <= 0) return new Float32Array(values.length);
  const { magnitude, above } = magnitudeOfRank(values, count);
  const bits = magnitudeBits(values);
  let ties = count - above;
  const kept = new Float32Array(values.length);
  for (let at = 0; at < kept.length; at++) {
    const own = bits[at] & 0x7fffffff;
    if (own > magnitude || (own === magnitude && ties-- > 0)) kept[at] = values[at];
  }
  return kept;
}

/**
 * The bits of the magnitude of the entry at this rank, and how many entries are larger. Magnitudes are ordered as their bits, so that two
 * counts, of the upper and of the lower half of the bits, find it in two passes.
 */
function magnitudeOfRank(values: Float32Array, rank: number): { magnitude: number; above: number } {
  const bits = magnitudeBits(values);
  const upper = new Uint32Array(1 << 15);
  for (let at = 0; at < bits.length; at++) upper[(bits[at] & 0x7fffffff) >>> 16]++;
  const high = rankIn(upper, rank);
  const lower = new Uint32Array(1 << 16);
  for (let at = 0; at < bits.length; at++) if ((bits[at] & 0x7fffffff) >>> 16 === high.bin) lower[bits[at] & 0xffff]++;
  const low = rankIn(lower, rank - high.above);
  return { magnitude: (high.bin << 16) | low.bin, above: high.above + low.above };
}

/** The bin that holds the entry at this rank, counted from the last bin, and the number of entries in the bins after it. */
function rankIn(counts: Uint32Array, rank: number): { bin: number; above: number } {
  let above = 0;
  let bin = counts.length - 1;
  while (above + counts[bin] < rank) above += counts[bin--];
  return { bin, above };
}

const magnitudeBits = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);
