import { dirname } from 'node:path';
import { assert } from '../checks/error.js';
import type { RandomStream } from '../engine/random.js';

/** A photo and what it shows. */
export interface LabelledPhoto {
  /** Relative to the data folder; its folder holds one product's photos of one split. */
  path: string;
  product: string;
}

/** Two photos of one product with a higher cosine similarity of frozen features were taken in one burst. */
const SAME_BURST = 0.8;
/** Dev's share of the training photos. */
const DEV_SHARE = 0.15;
/** And at most this share of the photos of one product, so that no product is left without training photos. */
const MOST_OF_A_PRODUCT = 0.25;

/**
 * Photo path -> group id. Within each folder (one product, one split) photos are joined by single linkage: a chain of
 * photos, each more similar than 0.8 to the next, is one burst. `features` has one row of length 1 a photo.
 * A group id is the folder, `#` and a number from 1 in the order of the list.
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
      // The list grows while it is walked: each photo brings in those near it.
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
 * Ids of the groups of `train` that become dev: whole groups, together about 15% of the photos, spread over products. A product
 * gives at most a quarter of its photos; what it cannot give (its groups are too large) is asked of the products after it.
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
    let left = MOST_OF_A_PRODUCT * photos.length;
    owed += DEV_SHARE * photos.length;
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

/** A photo's product and its row of features, of length 1. */
export interface LabelledRow {
  product: string;
  row: Float32Array;
}

/** Share of the queries whose nearest gallery photo (cosine) shows their product: recall@1, in [0, 1]. */
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

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
