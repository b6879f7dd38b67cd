import type { Product } from '../data/types.js';
import { categoryText } from '../moon/sequence.js';

/** A text of a product that may be missing: `title`, `category`, or the name of an attribute. */
export type CompletedField = 'title' | 'category' | (string & {});

/** The text of a field; empty where it is missing. */
export function textOfField({ title, category, attributes }: Product, field: CompletedField): string {
  if (field === 'title') return title.trim();
  if (field === 'category') return categoryText(category);
  return (attributes[field] ?? []).join(', ');
}

/** The product with a text in place of a missing one. */
export function withField(product: Product, field: CompletedField, text: string): Product {
  if (field === 'title') return { ...product, title: text };
  if (field === 'category') return { ...product, category: text.split(' > ') };
  return { ...product, attributes: { ...product.attributes, [field]: text.split(', ') } };
}
