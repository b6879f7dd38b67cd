import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Catalogue, ProductImage } from '../../data/types.js';

/** What a run's data are: products, pairs, image ids and file sizes; quick, as no image is read. */
export function dataHash({ products, pairs }: Catalogue): string {
  const hash = createHash('sha256');
  const imageOf = ({ id, source, group }: ProductImage) => [
    id,
    group,
    source.kind === 'file' ? sizeOf(source.path) : 0,
  ];
  for (const { id, title, category, attributes, images, description } of products)
    hash.update(JSON.stringify([id, title, category, attributes, description, images.map(imageOf)]));
  for (const { query, product, split } of pairs)
    hash.update(JSON.stringify([query.id, query.text, query.image && imageOf(query.image), product, split]));
  return hash.digest('hex');
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1;
}
