import { createHash } from 'node:crypto';
import { pictureHasher } from './images/picture-hash.js';
import { plainTitle } from './plain-title.js';
import type { TrainingSet } from './training-set.js';
import type { Product, ProductImage } from './types.js';

/**
 * Record of everything a network was trained on, over all runs and data sets. It suffices to tell whether the network has seen a product,
 * under this id or another. Plain JSON, sorted, about 60 bytes per product.
 */
export interface TrainedOn {
  /** Ids of the training products. */
  products: string[];
  /** The first 16 hexadecimal digits of the SHA-256 of their titles (`plainTitle`). */
  titles: string[];
  /** Hashes (`pictureHasher`) of the images available to training: main images of products, and photos of training queries. */
  pictures: string[];
}

/** The record of an untrained network. */
export const trainedOnNothing: TrainedOn = { products: [], titles: [], pictures: [] };

/** The record for training on these products. */
export function trainedOnOf({ products }: Pick<TrainingSet, 'products'>): TrainedOn {
  const hashOf = pictureHasher();
  return {
    products: sorted(products.map(({ product }) => product.id)),
    titles: sortedHashes(products, ({ product }) => [titleHash(product)]),
    pictures: sortedHashes(products, ({ product, photos }) => [...product.images.slice(0, 1), ...photos].map(hashOf)),
  };
}

/** Merge the records of two trainings of the same network. */
export function joinTrainedOn(one: TrainedOn, other: TrainedOn): TrainedOn {
  if (!one.products.length) return other;
  return {
    products: sorted([...one.products, ...other.products]),
    titles: sorted([...one.titles, ...other.titles]),
    pictures: sorted([...one.pictures, ...other.pictures]),
  };
}

/** Each once, in the order of their texts. Sorts in place. */
const sorted = (values: string[]) => values.sort().filter((value, at) => !at || value !== values[at - 1]);

/** The same of hashes of 16 hexadecimal digits, as numbers: of a million, texts take ten times the time and memory. */
function sortedHashes<Item>(items: readonly Item[], hashesOf: (item: Item) => (string | undefined)[]): string[] {
  let numbers = new BigUint64Array(items.length);
  let count = 0;
  for (const item of items)
    for (const hash of hashesOf(item)) {
      if (hash === undefined) continue;
      if (count === numbers.length) {
        const larger = new BigUint64Array(2 * count + 1);
        larger.set(numbers);
        numbers = larger;
      }
      numbers[count++] = BigInt(`0x${hash}`);
    }
  numbers = numbers.subarray(0, count).sort();
  const sorted: string[] = [];
  for (let at = 0; at < count; at++)
    if (!at || numbers[at] !== numbers[at - 1]) sorted.push(numbers[at].toString(16).padStart(16, '0'));
  return sorted;
}

/** Returns whether training has seen a product. */
export type HasSeen = (product: Product, images: readonly ProductImage[]) => boolean;

/**
 * Make a function that tells whether a product was seen: whether its id, title or any of its `images` is in the record.
 * @param hashOf caches image hashes; pass the same one for several networks to read each image once
 */
export function seenBy({ products, titles, pictures }: TrainedOn, hashOf = pictureHasher()): HasSeen {
  const [byId, byTitle, byPicture] = [products, titles, pictures].map((values) => new Set(values));
  return (product, images) => {
    if (byId.has(product.id)) return true;
    const title = titleHash(product);
    if (title !== undefined && byTitle.has(title)) return true;
    // Images come last because they are read from disk.
    return byPicture.size > 0 && images.some((image) => byPicture.has(hashOf(image) ?? ''));
  };
}

/** Undefined for a product without a title: two products without titles are not the same product. */
function titleHash({ title }: Product): string | undefined {
  const plain = plainTitle(title);
  return plain ? createHash('sha256').update(plain).digest('hex').slice(0, 16) : undefined;
}
