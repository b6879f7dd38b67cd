import type { Product } from '../../data/types.js';
import type { EmbeddingRows, Fields } from '../files/embedding-table.js';
import { LEVEL } from './check-search.js';

/**
 * Rows with what the catalogue says about their products beside their own fields: `title`, `category` (`Food > Fruit`), `image` (the path of
 * the first image) and a field for each attribute, its values joined by commas. Own fields stay as they are.
 */
export function withProductFields(rows: EmbeddingRows, products: readonly Product[]): EmbeddingRows {
  const productOf = new Map(products.map((product) => [product.id, product]));
  const shown = rows.ids.map((id) => productOf.get(id));
  const field = (read: (product: Product) => string | undefined) =>
    shown.map((product) => (product && read(product)) || null);
  const names = new Set(shown.flatMap((product) => Object.keys(product?.attributes ?? {})));
  const found: Fields = {
    title: field(({ title }) => title),
    category: field(({ category }) => category.join(LEVEL)),
    image: field(({ images: [image] }) => (image?.source.kind === 'file' ? image.source.path : undefined)),
  };
  const attributes = Object.fromEntries(
    [...names].map((name) => [name, field(({ attributes: own }) => own[name]?.join(', '))]),
  );
  const all = Object.entries({ ...attributes, ...found, ...rows.fields });
  return { ...rows, fields: Object.fromEntries(all.filter(([, values]) => values.some((value) => value !== null))) };
}
