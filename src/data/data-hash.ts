import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Catalogue, ProductImage } from './types.js';

/** Bytes that are read at each end of a larger file. */
const END = 32 * 1024;

/**
 * What a run's data are: products, pairs, duplicates, and of every picture file its size and bytes (of one above 64 KB the first and the
 * last 32 KB). Pictures that are drawn follow from the options of their shop.
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
  const buffer = Buffer.alloc(2 * END);
  for (const file of files) hashFile(hash, file, buffer);
  return hash.digest('hex');
}

/** Synchronous: a picture's worth of bytes from the disk's cache costs less than a promise. */
function hashFile(hash: Hash, path: string, buffer: Buffer): void {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { size } = fstatSync(file);
    hash.update(`file of ${size}`);
    const first = readSync(file, buffer, 0, size > 2 * END ? END : 2 * END, 0);
    const last = size > 2 * END ? readSync(file, buffer, first, END, size - END) : 0;
    hash.update(buffer.subarray(0, first + last));
  } catch {
    // Training names it among its missing pictures.
    hash.update('unreadable');
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
