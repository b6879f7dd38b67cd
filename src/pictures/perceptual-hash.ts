import type { Raster } from '../data/types.js';

const SIDE = 32;
const KEPT = 8;

/**
 * The 64-bit DCT hash (pHash) of an image: photos that were rescaled, compressed anew or made a little brighter differ in few
 * bits, other photos in about 32. Luma (ITU-R BT.601) averaged down to 32 x 32, its two-dimensional DCT-II, and for each of
 * the 8 x 8 lowest frequencies one bit: above their median or not; row by row, the first bit the highest.
 *
 * Source: C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), section 3.2.1, with the
 * block [0, 8) and without its blur, as Python's ImageHash: for an image of 32 x 32 the two are equal bit by bit.
 */
export function perceptualHash(raster: Raster): bigint {
  const frequencies = lowFrequencies(shrinkLuma(raster));
  const sorted = Float64Array.from(frequencies).sort();
  const median = (sorted[31] + sorted[32]) / 2;
  return frequencies.reduce((hash, value) => (hash << 1n) | (value > median ? 1n : 0n), 0n);
}

/** In how many of 64 bits two hashes differ. */
export function hammingDistance(a: bigint, b: bigint): number {
  const difference = a ^ b;
  return countBits(Number(difference & 0xffffffffn)) + countBits(Number(difference >> 32n));
}

function countBits(word: number): number {
  let bits = 0;
  for (let rest = word | 0; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}

/** `[32, 32]` luma; each value is the mean of the part of the image that it covers, pixels on its border by their share. */
function shrinkLuma({ data, width, height }: Raster): Float64Array {
  const luma = new Float64Array(width * height);
  for (let i = 0; i < luma.length; i++) {
    luma[i] = (19595 * data[3 * i] + 38470 * data[3 * i + 1] + 7471 * data[3 * i + 2] + 0x8000) >> 16; // Pillow's 0.299, 0.587, 0.114
  }
  const columns = coverage(width);
  const rows = coverage(height);
  const small = new Float64Array(SIDE * SIDE);
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      for (const [j, v] of row) for (const [i, u] of column) small[y * SIDE + x] += u * v * luma[j * width + i];
    });
  });
  return small;
}

/** For each of 32 parts of a side, the pixels that it covers and their shares of it. */
function coverage(length: number): [pixel: number, fraction: number][][] {
  const part = length / SIDE;
  return Array.from({ length: SIDE }, (_, index) => {
    const from = index * part;
    const to = from + part;
    const pixels: [number, number][] = [];
    for (let pixel = Math.floor(from); pixel < Math.min(Math.ceil(to), length); pixel++) {
      pixels.push([pixel, (Math.min(pixel + 1, to) - Math.max(pixel, from)) / part]);
    }
    return pixels;
  });
}

const COSINES = Array.from({ length: KEPT }, (_, frequency) =>
  Float64Array.from({ length: SIDE }, (_, at) => 2 * Math.cos((Math.PI * frequency * (2 * at + 1)) / (2 * SIDE))),
);

/** The 8 x 8 lowest frequencies of the DCT-II (not normalised) of `[32, 32]` values. */
function lowFrequencies(values: Float64Array): number[] {
  const byRow = Array.from({ length: SIDE }, (_, y) =>
    COSINES.map((cosine) => cosine.reduce((sum, factor, x) => sum + factor * values[y * SIDE + x], 0)),
  );
  return COSINES.flatMap((cosine) =>
    Array.from({ length: KEPT }, (_, u) => {
      const sum = cosine.reduce((total, factor, y) => total + factor * byRow[y][u], 0);
      return Math.round(sum * 1e6) / 1e6; // a flat or mirrored image has exact zeros, not rounding noise
    }),
  );
}
