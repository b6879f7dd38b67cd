import type { Product } from '../data/types.js';
import type { Field } from '../moon/sequence.js';
import { type Aliases, aliasesOf } from './aliases.js';
import { type WordMask, wordMask } from './mask-words.js';

/** A field under test: what leaves the product, and whose words leave the rest of it. */
export type LabelField = 'title' | 'category' | `attribute:${string}`;

/** Words of a product's own label: the title, every level of the category path, every value of the attribute. */
export function labelWords(product: Product, field: LabelField): string[] {
  if (field === 'title') return [product.title];
  if (field === 'category') return product.category;
  return product.attributes[field.slice('attribute:'.length)] ?? [];
}

/** A mask for a product's own label and for other words for it. */
export function labelMask(product: Product, field: LabelField, aliases: Aliases = {}): WordMask {
  const words = labelWords(product, field);
  return wordMask(words, aliasesOf(words, aliases));
}

/**
 * A product without a field (docs/protocols): the field is dropped, and its value replaced by one mask token in title, category,
 * attributes and description. With `masked: false` the words stay, for the row that shows what they give away.
 * @param aliases other words for the labels of its data set
 */
export function withholdField(
  product: Product,
  field: LabelField,
  { masked = true, aliases }: { masked?: boolean; aliases?: Aliases } = {},
): Product {
  const mask = masked ? labelMask(product, field, aliases) : (text: string) => text;
  const attributes = Object.entries(product.attributes).filter(([name]) => field !== `attribute:${name}`);
  return {
    ...product,
    title: field === 'title' ? '' : mask(product.title),
    category: field === 'category' ? [] : product.category.map(mask),
    attributes: Object.fromEntries(attributes.map(([name, values]) => [name, values.map(mask)])),
    ...(product.description === undefined ? {} : { description: mask(product.description) }),
  };
}

/** Fields that show nothing but a product's pictures, or nothing but its words. */
export const imageOnly: readonly Field[] = ['title', 'category', 'attributes'];
export const textOnly: readonly Field[] = ['image'];
export const titleOnly: readonly Field[] = ['image', 'category', 'attributes'];
