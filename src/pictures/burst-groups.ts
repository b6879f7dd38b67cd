import { dirname } from 'node:path';
import { assert } from '../checks/error.js';
import { dot } from '../engine/dot.js';
import type { RandomStream } from '../engine/random.js';

/** A photo and the product that it shows. */
export interface LabelledPhoto {
  /** Relative to the data folder. Each folder holds the photos of one product in one split. */
  path: string;
  product: string;
}

/** Two photos of one product belong to one burst if the cosine similarity of their frozen features is higher than this. */
const SAME_BURST = 0.8;
/** Fraction of the training photos that becomes the dev split. */
const DEV_FRACTION = 0.15;
/** Largest fraction of one product's photos in the dev split, so that every product keeps training photos. */
const MAX_PRODUCT_FRACTION = 0.25;

/**
 * Group photos into bursts: photo path -> group id. Photos of a folder (one product, one split) are joined by single linkage: a chain of
 * photos, each more similar than 0.8 to the next, is one burst. A group id is the folder, `#` and a number from 1 in the order of the list.
 * @param features one row of length 1 per photo
 */
export function groupBursts(
  photos: readonly LabelledPhoto[],
  features: readonly Float32Array[],
): Record<string, string> {
  assert(photos.length === features.length, `${photos.length} photos have ${features.length} rows of features`);
  const groups: string[] = [];
  for (const [folder, members] of gather(photos.keys(), (i) => dirname(photos[i].path))) {
    const ungrouped = new Set(members);
    for (let number = 1; ungrouped.size > 0; number++) {
      const [first] = ungrouped;
      const reached = [first];
      ungrouped.delete(first);
      // The loop appends to its own list: each photo adds those that are similar to it.
      for (const from of reached) {
        for (const other of ungrouped) {
          if (dot(features[from], features[other]) <= SAME_BURST) continue;
          reached.push(other);
          ungrouped.delete(other);
        }
      }
      for (const i of reached) groups[i] = `${folder}#${number}`;
    }
  }
  return Object.fromEntries(photos.map(({ path }, i) => [path, groups[i]]));
}

/**
 * Choose the groups of `train` that become the dev split: whole groups, about 15% of all photos, spread over products. A product gives at
 * most a quarter of its photos. If its groups are too large, later products give more.
 * @returns sorted group ids
 */
export function chooseDev(
  train: readonly LabelledPhoto[],
  groups: Readonly<Record<string, string>>,
  random: RandomStream,
): string[] {
  const products = gather(train, (photo) => photo.product);
  const dev: string[] = [];
  let owed = 0;
  for (const product of random.shuffle([...products.keys()])) {
    const photos = products.get(product) as LabelledPhoto[];
    let left = MAX_PRODUCT_FRACTION * photos.length;
    owed += DEV_FRACTION * photos.length;
    const bursts = gather(photos, (photo) => groups[photo.path]);
    for (const group of random.shuffle([...bursts.keys()])) {
      const size = (bursts.get(group) as LabelledPhoto[]).length;
      if (size > left || size > owed + 0.5) continue;
      dev.push(group);
      left -= size;
      owed -= size;
    }
  }
  return dev.sort();
}

/** A photo's product and its features, a row of length 1. */
export interface LabelledRow {
  product: string;
  row: Float32Array;
}

/** Recall@1 in [0, 1]: fraction of the queries whose nearest gallery photo by cosine shows the same product. */
export function nearestPhotoRecall(queries: readonly LabelledRow[], gallery: readonly LabelledRow[]): number {
  let right = 0;
  for (const query of queries) {
    let best = Number.NEGATIVE_INFINITY;
    let product = '';
    for (const candidate of gallery) {
      const similarity = dot(query.row, candidate.row);
      if (similarity > best) {
        best = similarity;
        product = candidate.product;
      }
    }
    if (product === query.product) right++;
  }
  return right / queries.length;
}

function gather<T>(items: Iterable<T>, key: (item: T) => string): Map<string, T[]> {
  const gathered = new Map<string, T[]>();
  for (const item of items) {
    const members = gathered.get(key(item));
    if (members) members.push(item);
    else gathered.set(key(item), [item]);
  }
  return gathered;
}
