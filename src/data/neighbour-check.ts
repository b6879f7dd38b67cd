import { dot } from '../engine/dot.js';
import type { Catalogue, Raster, Split } from './types.js';

/** How often the nearest training photo shows the same product, for the photos of dev and val. */
export interface NeighbourCheck {
  /** Name of the image feature that is compared. */
  feature: string;
  photos?: { train: number; dev: number; val: number };
  /** Accuracy in percent. */
  dev: number;
  val: number;
}

/** In percentage points. A larger gap means that dev measures something else than val, usually memory of photo bursts. */
export const maxGap = 10;
const bins = 8;

/**
 * The image feature of the check: the square root of the joint colour histogram (8 bins per channel), of unit length. The dot product of
 * two features is their Bhattacharyya coefficient. The feature is deliberately weak: a dev photo that it matches too easily was taken in
 * the same burst as a training photo.
 */
export function photoFeature({ data }: Raster): Float32Array {
  const histogram = new Float32Array(bins ** 3);
  const bin = (byte: number) => (byte * bins) >> 8;
  for (let at = 0; at < data.length; at += 3) {
    histogram[(bin(data[at]) * bins + bin(data[at + 1])) * bins + bin(data[at + 2])] += 3 / data.length;
  }
  return histogram.map(Math.sqrt);
}

/** Ids of the photos that `neighbourCheck` compares. Empty unless train, dev and val all have photos. */
export function photosToCheck({ pairs }: Catalogue): Set<string> {
  const photos = pairs.filter(({ query, split }) => query.image && !query.text && split !== 'test');
  const isComplete = ['train', 'dev', 'val'].every((split) => photos.some((pair) => pair.split === split));
  return new Set(isComplete ? photos.map(({ query }) => query.image!.id) : []);
}

/**
 * Check whether the dev split is as hard as val: classify the photos of both by their nearest photo in train.
 * @param features photo (image id) -> `photoFeature`; photos without one are left out
 * @returns undefined if one of the three splits has no photos
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
