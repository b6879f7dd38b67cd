import type { Product } from '../data/types.js';
import { categoryText } from '../moon/sequence.js';

/** A text of a product that may be missing: `title`, `category`, `summary`, or the name of an attribute. */
export type CompletedField = 'title' | 'category' | 'summary' | (string & {});

/** The text of a field; empty where it is missing. */
export function textOfField({ title, category, attributes, summary = '' }: Product, field: CompletedField): string {
  if (field === 'title') return title.trim();
  if (field === 'category') return categoryText(category);
  if (field === 'summary') return summary.trim();
  return (attributes[field] ?? []).join(', ');
}

/** The product with a text in place of a missing one. */
export function withField(product: Product, field: CompletedField, text: string): Product {
  if (field === 'title') return { ...product, title: text };
  if (field === 'category') return { ...product, category: text.split(' > ') };
  if (field === 'summary') return { ...product, summary: text };
  return { ...product, attributes: { ...product.attributes, [field]: text.split(', ') } };
}
