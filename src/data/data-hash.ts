import { createHash } from 'node:crypto';
import { fileBuffer, hashFile } from './images/picture-hash.js';
import type { Catalogue, ProductImage } from './types.js';

/**
 * SHA-256 of a run's data: products, pairs, duplicates, and every image file (see `hashFile`). Generated images are covered by the options
 * of their shop.
 */
export function dataHash(catalogue: Catalogue): string {
  const { products, pairs, duplicates } = catalogue;
  const hash = createHash('sha256');
  const imageOf = ({ id, group, box }: ProductImage) => [id, group, box];
  hash.update(JSON.stringify([duplicates, (catalogue as { settings?: unknown }).settings]));
  for (const { id, title, category, attributes, images, description, summary } of products) {
    // Products without a summary keep the hash that runs of earlier versions recorded.
    const texts = summary === undefined ? [description] : [description, summary];
    hash.update(JSON.stringify([id, title, category, attributes, ...texts, images.map(imageOf)]));
  }
  for (const { query, product, split } of pairs)
    hash.update(JSON.stringify([query.id, query.text, query.image && imageOf(query.image), product, split]));
  const pictures = [...products.flatMap(({ images }) => images), ...pairs.flatMap(({ query }) => query.image ?? [])];
  const files = new Set(pictures.flatMap(({ source }) => (source.kind === 'file' ? source.path : [])));
  const buffer = fileBuffer();
  // Training reports unreadable files among the missing images.
  for (const file of files) if (!hashFile(hash, file, buffer)) hash.update('unreadable');
  return hash.digest('hex');
}
