import type { Catalogue, Raster, Split } from './types.js';

/** How often the nearest training photo shows the same product, for held-out photos of both splits. */
export interface NeighbourCheck {
  /** What photos are compared by. */
  feature: string;
  photos?: { train: number; dev: number; val: number };
  /** Percent. */
  dev: number;
  val: number;
}

/** Percentage points; a wider gap says that dev measures something else than validation: memory of bursts, most often. */
export const widestGap = 10;
const bins = 8;

/**
 * A photo as the square root of its joint colour histogram (8 bins a channel), of length 1: the dot product of two is their
 * Bhattacharyya coefficient. It asks little of the data, so that a dev photo that it finds too easily was taken in one burst with
 * a training photo.
 */
export function photoFeature({ data }: Raster): Float32Array {
  const histogram = new Float32Array(bins ** 3);
  const bin = (byte: number) => (byte * bins) >> 8;
  for (let at = 0; at < data.length; at += 3) {
    histogram[(bin(data[at]) * bins + bin(data[at + 1])) * bins + bin(data[at + 2])] += 3 / data.length;
  }
  return histogram.map(Math.sqrt);
}

/** Ids of the photos that `neighbourCheck` compares: none unless train, dev and val all have some. */
export function photosToCheck({ pairs }: Catalogue): Set<string> {
  const photos = pairs.filter(({ query, split }) => query.image && !query.text && split !== 'test');
  const isWhole = ['train', 'dev', 'val'].every((split) => photos.some((pair) => pair.split === split));
  return new Set(isWhole ? photos.map(({ query }) => query.image!.id) : []);
}

/**
 * Is the dev split as hard as validation? Both are answered by the nearest photo of the split `train`.
 *
 * @param features photo (image id) -> `photoFeature`; photos without one are left out
 * @returns undefined when one of the three splits has no photos
 */
export function neighbourCheck(
  catalogue: Catalogue,
  features: ReadonlyMap<string, Float32Array>,
): NeighbourCheck | undefined {
  const photosOf = (split: Split) =>
    catalogue.pairs.flatMap(({ query, product, split: where }) => {
      const feature = where === split && query.image && !query.text && features.get(query.image.id);
      return feature ? [{ feature, product }] : [];
    });
  const train = photosOf('train');
  const dev = photosOf('dev');
  const val = photosOf('val');
  if (train.length === 0 || dev.length === 0 || val.length === 0) return undefined;
  const score = (photos: typeof train) => {
    const right = photos.filter(({ feature, product }) => nearest(feature, train).product === product);
    return (100 * right.length) / photos.length;
  };
  return {
    feature: `colour histogram, ${bins} bins a channel`,
    photos: { train: train.length, dev: dev.length, val: val.length },
    dev: score(dev),
    val: score(val),
  };
}

function nearest<T extends { feature: Float32Array }>(feature: Float32Array, candidates: readonly T[]): T {
  let best = candidates[0];
  let highest = -Infinity;
  for (const candidate of candidates) {
    const similarity = dot(feature, candidate.feature);
    if (similarity > highest) {
      highest = similarity;
      best = candidate;
    }
  }
  return best;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at];
  return sum;
}
