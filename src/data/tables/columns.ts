import { UserError, wrongOption } from '../../checks/error.js';
import { plainName, usualLists, usualNames } from './usual-columns.js';

/** Maps product and query fields to the columns of a table. Fields with a list read several columns, in order. */
export interface ColumnMap {
  id?: string;
  title?: string;
  description?: string;
  summary?: string;
  /** One column with a path ("Home > Kitchen"), or one column per level from the root. */
  category: string[];
  attributes: string[];
  image: string[];
  query?: string;
  queryImage?: string;
  split?: string;
  /** Columns that say nothing of what a product is: prices, stock, links, barcodes, dates. They are not read. */
  ignored: string[];
}

const single = ['id', 'title', 'description', 'summary', 'query', 'queryImage', 'split'] as const;
const several = ['category', 'attributes', 'image', 'ignored'] as const;

/**
 * Guess the fields that the user did not map from the header. Columns without a known meaning become attributes.
 * @param given the user's mapping, kept unchanged
 * @throws UserError for a mapped column that the table does not have
 */
export function guessColumns(columns: readonly string[], given: Partial<ColumnMap> = {}): ColumnMap {
  const left = new Set(columns.filter((name) => name !== ''));
  for (const column of Object.values(given).flat()) {
    if (!columns.includes(column)) throw wrongOption('data.map', column, `one of the columns ${columns.join(' | ')}`);
    left.delete(column);
  }
  const take = (usual: RegExp, max: number) => {
    const found = [...left].filter((name) => usual.test(plainName(name))).slice(0, max);
    for (const column of found) left.delete(column);
    return found;
  };
  const singles = single.map((field) => [field, given[field] ?? take(usualNames[field], 1)[0]] as const);
  return {
    ...Object.fromEntries(singles.filter(([, column]) => column !== undefined)),
    category: given.category ?? take(usualLists.category, Infinity),
    image: given.image ?? take(usualLists.image, Infinity),
    ignored: given.ignored ?? take(usualLists.ignored, Infinity),
    attributes: given.attributes ?? [...left],
  };
}

/**
 * Parse a mapping: `title=name,category=group,category=kind` -> `{ title: 'name', category: ['group', 'kind'] }`.
 * @param option name of the option, for error messages
 * @throws UserError for an unknown field, and for a second column of a field that takes one
 */
export function parseColumns(text: string, option = 'data.map'): Partial<ColumnMap> {
  const map: Partial<ColumnMap> = {};
  for (const part of text.split(',')) {
    const [field, column] = part.split(/=(.*)/s).map((side) => side.trim());
    if (!column) throw new UserError(`${option}: got ${JSON.stringify(part)}, expected field=column, e.g. title=name.`);
    if (isOneOf(several, field)) map[field] = [...(map[field] ?? []), column];
    else if (!isOneOf(single, field)) throw wrongOption(option, field, `one of ${[...single, ...several].join(' | ')}`);
    else if (map[field] !== undefined)
      throw wrongOption(option, part, `one column for ${field}, which already has ${map[field]}`);
    else map[field] = column;
  }
  return map;
}

/** Columns of one field that are shown. */
const MAX_SHOWN = 20;

/** Format a mapping for display: `title <- name; category <- group, kind`. */
export function showColumns(map: ColumnMap): string {
  const fields = [...single, ...several].map((field) => ({ field, columns: [map[field] ?? []].flat() }));
  const used = fields.filter(({ columns }) => columns.length > 0);
  const names = (columns: readonly string[]) =>
    columns.length > MAX_SHOWN
      ? `${columns.slice(0, MAX_SHOWN).join(', ')} and ${columns.length - MAX_SHOWN} more`
      : columns.join(', ');
  return used.map(({ field, columns }) => `${field} <- ${names(columns)}`).join('; ');
}

function isOneOf<T extends string>(names: readonly T[], name: string): name is T {
  return (names as readonly string[]).includes(name);
}
