import type { Product } from '../../data/types.js';
import type { EmbeddingRows } from '../files/embedding-table.js';
import { LEVEL } from './check-search.js';

/**
 * What stands beside the vector of a product: `title`, `category` (`Food > Fruit`), `image` (the path of the first image) and a field for each
 * attribute, its values joined by commas. Null where there is nothing.
 */
export function productFields({
  title,
  category,
  attributes,
  images: [image],
}: Product): Record<string, string | null> {
  const own = Object.entries(attributes).map(([name, values]) => [name, values.join(', ') || null]);
  return {
    ...Object.fromEntries(own),
    title: title || null,
    category: category.join(LEVEL) || null,
    image: image?.source.kind === 'file' ? image.source.path : null,
  };
}

/** The names of all fields that products have, `title`, `category` and `image` first. */
export function productFieldNames(products: readonly Product[]): string[] {
  return [...new Set(['title', 'category', 'image', ...products.flatMap(({ attributes }) => Object.keys(attributes))])];
}

/** Rows with the fields of their products beside their own, which stay as they are; a field that is null everywhere is left out. */
export function withProductFields(rows: EmbeddingRows, products: readonly Product[]): EmbeddingRows {
  const fieldsOf = new Map(products.map((product) => [product.id, productFields(product)]));
  const shown = rows.ids.map((id) => fieldsOf.get(id));
  const known = productFieldNames(products).map(
    (name) => [name, shown.map((fields) => fields?.[name] ?? null)] as const,
  );
  const all = Object.entries({ ...Object.fromEntries(known), ...rows.fields });
  return { ...rows, fields: Object.fromEntries(all.filter(([, values]) => values.some((value) => value !== null))) };
}
