import { groupBy } from '../data/group-by.js';
import { mergeGroups } from '../data/merge-groups.js';
import type { Raster } from '../data/types.js';
import { hammingDistance, perceptualHash } from './perceptual-hash.js';

/** Fingerprint by which copies of a picture are found. */
export interface Fingerprint {
  hash: bigint;
  /** Mean colours of an 8 x 8 grid, [8, 8, 3]. */
  colours: Uint8Array;
}

const grid = 8;
/**
 * Largest difference of two copies: in bits of the hash (of 64), and in any mean colour (of 256). 99 of 100 copies at half the size or at
 * JPEG quality 60 are within both limits.
 */
const maxBits = 4;
const maxColour = 10;

/** The fingerprint of a raster of 32 x 32 pixels, or of another multiple of 8. */
export function fingerprint(raster: Raster): Fingerprint {
  const { width, height, data } = raster;
  const sums = new Float64Array(grid * grid * 3);
  for (let at = 0; at < data.length; at++) {
    const pixel = Math.floor(at / 3);
    const column = Math.floor(((pixel % width) * grid) / width);
    const row = Math.floor((Math.floor(pixel / width) * grid) / height);
    sums[(row * grid + column) * 3 + (at % 3)] += data[at];
  }
  const fraction = (grid * grid) / (width * height);
  return { hash: perceptualHash(raster), colours: Uint8Array.from(sums, (sum) => Math.round(sum * fraction)) };
}

/**
 * Group keys whose pictures are copies of each other, rescaled or recompressed, by single linkage. Equal hashes are not enough: photos on a
 * plain background share them across colours and even product types (2,480 of 7,616 fashion products). So the mean colours have to agree
 * too.
 */
export function sameImages(pictures: ReadonlyMap<string, Fingerprint>): string[][] {
  const order = new Map([...pictures.keys()].map((key, index) => [key, index]));
  // A placeholder image can occur thousands of times. Group exact matches first, so that they are not compared in pairs.
  const equal = [...groupBy(pictures, ([, { hash, colours }]) => `${hash} ${colours}`).values()];
  const near = nearPairs(equal.map(([first]) => first));
  return mergeGroups([...equal.map((group) => group.map(([key]) => key)), ...near])
    .filter((keys) => keys.length > 1)
    .map((keys) => keys.sort((a, b) => order.get(a)! - order.get(b)!))
    .sort(([a], [b]) => order.get(a)! - order.get(b)!);
}

/** Whether one picture is a copy of the other. */
export function isSameImage(a: Fingerprint, b: Fingerprint): boolean {
  return (
    hammingDistance(a.hash, b.hash) <= maxBits &&
    a.colours.every((value, index) => Math.abs(value - b.colours[index]) <= maxColour)
  );
}

/**
 * Find pairs of copies. If hashes are split into one band more than bits may differ, two similar hashes agree in at least one band. So only
 * pictures that share a band are compared.
 */
function nearPairs(pictures: readonly [key: string, Fingerprint][]): [string, string][] {
  const bands = maxBits + 1;
  const pairs: [string, string][] = [];
  for (let band = 0; band < bands; band++) {
    const start = Math.floor((64 * band) / bands);
    const bits = Math.floor((64 * (band + 1)) / bands) - start;
    const buckets = groupBy(pictures, ([, { hash }]) => BigInt.asUintN(bits, hash >> BigInt(start)));
    for (const bucket of buckets.values()) {
      for (let at = 0; at < bucket.length; at++) {
        for (let before = 0; before < at; before++) {
          if (isSameImage(bucket[before][1], bucket[at][1])) pairs.push([bucket[before][0], bucket[at][0]]);
        }
      }
    }
  }
  return pairs;
}
