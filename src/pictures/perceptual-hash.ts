import type { Raster } from '../data/types.js';

const SIDE = 32;
const KEPT = 8;

/**
 * The 64-bit DCT hash (pHash) of an image. Images that were rescaled, recompressed or made slightly brighter differ in few bits; unrelated
 * images differ in about 32. The luma (ITU-R BT.601) is averaged down to 32 x 32. Each of the 8 x 8 lowest frequencies of its
 * two-dimensional DCT-II gives one bit: whether it is above their median; row by row, the first bit the highest.
 *
 * Source: C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), section 3.2.1, but with the block [0, 8)
 * and without the blur, like Python's ImageHash. For images of 32 x 32 pixels the two are equal bit by bit.
 */
export function perceptualHash(raster: Raster): bigint {
  const frequencies = lowFrequencies(shrinkLuma(raster));
  const sorted = Float64Array.from(frequencies).sort();
  const median = (sorted[31] + sorted[32]) / 2;
  return frequencies.reduce((hash, value) => (hash << 1n) | (value > median ? 1n : 0n), 0n);
}

/** Number of differing bits of two 64-bit hashes. */
export function hammingDistance(a: bigint, b: bigint): number {
  const difference = a ^ b;
  return countBits(Number(difference & 0xffffffffn)) + countBits(Number(difference >> 32n));
}

function countBits(word: number): number {
  let bits = 0;
  for (let rest = word | 0; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}

/** `[32, 32]` luma. Each value is the mean of the image area that it covers; pixels at the border count by their covered fraction. */
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

/** For each of 32 parts of a side, the pixels that it covers and their fractions of it. */
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

/** The 8 x 8 lowest frequencies of the (unnormalised) DCT-II of `[32, 32]` values. */
function lowFrequencies(values: Float64Array): number[] {
  const byRow = Array.from({ length: SIDE }, (_, y) =>
    COSINES.map((cosine) => cosine.reduce((sum, factor, x) => sum + factor * values[y * SIDE + x], 0)),
  );
  return COSINES.flatMap((cosine) =>
    Array.from({ length: KEPT }, (_, u) => {
      const sum = cosine.reduce((total, factor, y) => total + factor * byRow[y][u], 0);
      return Math.round(sum * 1e6) / 1e6; // flat or mirrored images get exact zeros instead of rounding noise
    }),
  );
}
