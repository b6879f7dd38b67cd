import { createHash } from 'node:crypto';
import { fileBuffer, hashFile } from './images/picture-hash.js';
import type { Catalogue, ProductImage } from './types.js';

/**
 * What a run's data are: products, pairs, duplicates, and every picture file (`hashFile`). Pictures that are drawn follow from the options of their shop.
 */
export function dataHash(catalogue: Catalogue): string {
  const { products, pairs, duplicates } = catalogue;
  const hash = createHash('sha256');
  const imageOf = ({ id, group, box }: ProductImage) => [id, group, box];
  hash.update(JSON.stringify([duplicates, (catalogue as { settings?: unknown }).settings]));
  for (const { id, title, category, attributes, images, description } of products)
    hash.update(JSON.stringify([id, title, category, attributes, description, images.map(imageOf)]));
  for (const { query, product, split } of pairs)
    hash.update(JSON.stringify([query.id, query.text, query.image && imageOf(query.image), product, split]));
  const pictures = [...products.flatMap(({ images }) => images), ...pairs.flatMap(({ query }) => query.image ?? [])];
  const files = new Set(pictures.flatMap(({ source }) => (source.kind === 'file' ? source.path : [])));
  const buffer = fileBuffer();
  // Training names a file that cannot be read among its missing pictures.
  for (const file of files) if (!hashFile(hash, file, buffer)) hash.update('unreadable');
  return hash.digest('hex');
}
