import { basename } from 'node:path';
import { summarised } from '../engine/summary.js';
import { groupBy } from './group-by.js';
import type { Catalogue, Product } from './types.js';

/** Make `console.log` print the catalogue in two lines and each product in one. */
export function summarisedCatalogue<T extends Catalogue>(catalogue: T): T {
  for (const product of catalogue.products) summarised(product, productSummary);
  return summarised(catalogue, catalogueSummary);
}

function productSummary({ id, title, category, attributes, images }: Product): string {
  const values = Object.entries(attributes).map(([name, all]) => `${name}: ${all.join(', ')}`);
  const parts = [`Product ${id} "${title}"`, category.join(' > '), values.join('; '), count(images, 'image')];
  return parts.filter(Boolean).join(' | ');
}

function catalogueSummary({ adapter, root, products, pairs, issues }: Catalogue): string {
  const splits = [...groupBy(pairs, ({ split }) => split)].map(([split, own]) => `${split} ${own.length}`);
  const told = issues.length ? `, ${count(issues, 'issue')} (see .issues)` : '';
  return `Catalogue ${adapter}${root ? ` from ${basename(root)}/` : ''}\n${count(products, 'product')}, ${count(pairs, 'pair')} (${splits.join(', ')})${told}`;
}

function count(of: readonly unknown[], name: string): string {
  return `${of.length} ${name}${of.length === 1 ? '' : 's'}`;
}
