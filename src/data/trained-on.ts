import { createHash } from 'node:crypto';
import { pictureHasher } from './images/picture-hash.js';
import { plainTitle } from './plain-title.js';
import type { TrainingSet } from './training-set.js';
import type { Product, ProductImage } from './types.js';

/**
 * What a network was trained on, however often and on whatever data: enough to tell whether it has seen a product, under its own id or
 * another. Plain JSON, sorted, about 60 bytes a product.
 */
export interface TrainedOn {
  /** Ids of the products that training drew from. */
  products: string[];
  /** The first 16 digits of the SHA-256 of their titles (`plainTitle`), in hex. */
  titles: string[];
  /** And of the pictures that training could show (`pictureHasher`): their main images, and photos of training queries. */
  pictures: string[];
}

/** Of a network before its first step. */
export const trainedOnNothing: TrainedOn = { products: [], titles: [], pictures: [] };

/** What training on these products sees. */
export function trainedOnOf({ products }: Pick<TrainingSet, 'products'>): TrainedOn {
  const hashOf = pictureHasher();
  return sorted({
    products: products.map(({ product }) => product.id),
    titles: products.flatMap(({ product }) => titleHash(product) ?? []),
    pictures: products
      .flatMap(({ product, photos }) => [...product.images.slice(0, 1), ...photos])
      .flatMap((image) => hashOf(image) ?? []),
  });
}

/** What a network was trained on that was trained on one and then on the other. */
export function joinTrainedOn(one: TrainedOn, other: TrainedOn): TrainedOn {
  return sorted({
    products: [...one.products, ...other.products],
    titles: [...one.titles, ...other.titles],
    pictures: [...one.pictures, ...other.pictures],
  });
}

function sorted({ products, titles, pictures }: TrainedOn): TrainedOn {
  const each = (values: readonly string[]) => [...new Set(values)].sort();
  return { products: each(products), titles: each(titles), pictures: each(pictures) };
}

/** Whether training has seen a product. */
export type HasSeen = (product: Product, images: readonly ProductImage[]) => boolean;

/**
 * Tells what was seen: a product whose id, title or any of whose `images` training had.
 * @param hashOf remembers what it has read, so that several networks share it
 */
export function seenBy({ products, titles, pictures }: TrainedOn, hashOf = pictureHasher()): HasSeen {
  const [byId, byTitle, byPicture] = [products, titles, pictures].map((values) => new Set(values));
  return (product, images) => {
    if (byId.has(product.id)) return true;
    const title = titleHash(product);
    if (title !== undefined && byTitle.has(title)) return true;
    // Pictures come last: they are read from the disk.
    return byPicture.size > 0 && images.some((image) => byPicture.has(hashOf(image) ?? ''));
  };
}

/** Undefined for a product without a title: that two have none says nothing. */
function titleHash({ title }: Product): string | undefined {
  const plain = plainTitle(title);
  return plain ? createHash('sha256').update(plain).digest('hex').slice(0, 16) : undefined;
}
