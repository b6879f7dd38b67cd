import { nearPath } from '../store/near-path.js';
import type { Found } from './found.js';
import type { QueryForm } from './types.js';

/** Describe what was found in two to four lines for a terminal: products, images, queries, and products that are alike. */
export function foundLines({ root, products, images, pairs, pairsLeftOut, alike, queriesFrom }: Found): string[] {
  const { all, image, title, category, attributes } = products;
  const lost = [
    ...(images.missing ? [`${images.missing} missing${root && ` in ${nearPath(root)}`}`] : []),
    ...(images.unreadable ? [`${images.unreadable} unreadable`] : []),
  ];
  const example = images.example ? ` (e.g. ${exampleText(images.example)})` : '';
  const left = pairsLeftOut ? [`${pairsLeftOut} left out with their image`] : [];
  const twins = [
    ...(alike.title ? [`${alike.title} products share a title with another`] : []),
    ...(alike.everything ? [`${alike.everything} equal another in every field`] : []),
  ];
  return [
    `products: ${all}; ${image} with image, ${title} with title, ${category} with category, ${attributes} with attributes`,
    ...(images.found || lost.length ? [`images: ${[`${images.found} found`, ...lost].join(', ')}${example}`] : []),
    `queries: ${[pairsText(pairs), ...left, ...(queriesFrom === undefined ? [] : [madeText(queriesFrom)])].join('; ')}`,
    ...(twins.length ? [`alike: ${twins.join(', ')}; training takes them for each other's negatives`] : []),
  ];
}

/** Says in every table where its queries come from. */
export const madeText = (from: string) => `made from ${from}: the data have no queries of their own`;

/** `train 8 text, 2 product; test 2 image`, or `none`. */
export function pairsText(pairs: Found['pairs']): string {
  const splits = Object.entries(pairs).map(([split, forms]) => `${split} ${formsText(forms)}`);
  return splits.length ? splits.join('; ') : 'none';
}

/** `12 text, 3 image`: the query forms that occur. */
export function formsText(forms: Record<QueryForm, number>): string {
  const some = Object.entries(forms).filter(([, count]) => count);
  return some.map(([form, count]) => `${count} ${form}`).join(', ');
}

/** `"img/3.jpg", shop.csv:4` */
export function exampleText({ name, file, line }: NonNullable<Found['images']['example']>): string {
  return `${JSON.stringify(name)}${file ? `, ${file}${line ? `:${line}` : ''}` : ''}`;
}
