import type { Product } from '../data/types.js';
import type { Field } from '../moon/sequence.js';
import { type Aliases, aliasesOf } from './aliases.js';
import { type WordMask, wordMask } from './mask-words.js';

/** The field of a label: it is removed from the product, and its words are masked in the other fields. */
export type LabelField = 'title' | 'category' | `attribute:${string}`;

/** The texts of a product's label: the title, every level of the category path, or every value of the attribute. */
export function labelWords(product: Product, field: LabelField): string[] {
  if (field === 'title') return [product.title];
  if (field === 'category') return product.category;
  return product.attributes[field.slice('attribute:'.length)] ?? [];
}

/** A mask for a product's label and its synonyms. */
export function labelMask(product: Product, field: LabelField, aliases: Aliases = {}): WordMask {
  const words = labelWords(product, field);
  return wordMask(words, aliasesOf(words, aliases));
}

/**
 * Withhold a field of a product: the field is dropped, and its value is replaced by one mask token in title, category, attributes,
 * description and summary (see src/evaluate/README.md). With `masked: false` the words stay; that variant measures how much they reveal.
 * @param aliases synonyms of the labels of the data set
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
    ...(product.summary === undefined ? {} : { summary: mask(product.summary) }),
  };
}

/** Fields to withhold so that a product shows only its images, only its text, or only its title. */
export const imageOnly: readonly Field[] = ['title', 'category', 'attributes'];
export const textOnly: readonly Field[] = ['image'];
export const titleOnly: readonly Field[] = ['image', 'category', 'attributes'];

/** Whether a product has a field that is not withheld. */
export function showsSomething({ images, title, category, attributes }: Product, withhold: readonly Field[]): boolean {
  const has = {
    image: images.length,
    title: title.trim(),
    category: category.length,
    attributes: Object.keys(attributes).length,
  };
  return Object.entries(has).some(([field, there]) => there && !withhold.includes(field as Field));
}
