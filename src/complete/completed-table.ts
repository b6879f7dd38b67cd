import { extname } from 'node:path';
import { wrongOption } from '../checks/error.js';
import { csvCell } from '../data/tables/csv-cell.js';
import type { Product } from '../data/types.js';
import type { CompletedProduct } from './complete-catalogue.js';
import { type CompletedField, textOfField } from './field.js';

/**
 * All products as a table, those that were filled marked: columns id, title, category, one for each attribute, image (the path or name of the first),
 * and `filled`, which says the field and by what; and of whom, where the text was copied.
 * @param file whose ending says how: .csv or .jsonl
 * @throws UserError for another ending
 */
export function completedTable(
  products: readonly Product[],
  completed: readonly CompletedProduct[],
  { field, by }: { field: CompletedField; by: string },
  file: string,
): string {
  const ending = tableEnding(file);
  const filledOf = new Map(completed.map((own) => [own.product.id, own]));
  const names = [...new Set(products.flatMap(({ attributes }) => Object.keys(attributes)))];
  const attributes = names.includes(field) || field === 'title' || field === 'category' ? names : [...names, field];
  const rows = products.map((given): Record<string, string> => {
    const own = filledOf.get(given.id);
    const product = own?.product ?? given;
    const { filled } = own ?? {};
    const copied = filled && 'from' in filled && filled.from !== undefined ? ` of ${filled.from}` : '';
    return {
      id: product.id,
      title: product.title,
      category: textOfField(product, 'category'),
      ...Object.fromEntries(attributes.map((name) => [name, textOfField(product, name)])),
      image: imageOf(product),
      filled: filled && 'text' in filled ? `${field}: ${by}${copied}` : '',
    };
  });
  if (ending === '.jsonl') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const columns = ['id', 'title', 'category', ...attributes, 'image', 'filled'];
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))]
    .map((cells) => `${cells.map(csvCell).join(',')}\n`)
    .join('');
}

function imageOf({ images: [image] }: Product): string {
  return image?.source.kind === 'file' ? image.id : '';
}

/** @throws UserError for a name that ends otherwise */
export function tableEnding(file: string): '.csv' | '.jsonl' {
  const ending = extname(file).toLowerCase();
  if (ending !== '.csv' && ending !== '.jsonl')
    throw wrongOption('--out', file, 'a name that ends with .csv or .jsonl');
  return ending;
}
