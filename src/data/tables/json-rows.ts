import { UserError } from '../../checks/error.js';
import { isObject, parseObject } from './json.js';
import type { Row } from './row.js';
import { type NoteLine, textBlocks } from './text-blocks.js';
import type { TextFormat } from './text-format.js';

/** Node's strings hold no more. */
const MAX_CHARACTERS = 2 ** 29 - 24;

/** Rows of JSON Lines, in constant memory. */
export async function* jsonLineRows(file: string, note: NoteLine, format: TextFormat): AsyncGenerator<Row> {
  for await (const block of textBlocks(file, note, format)) {
    let line = block.line;
    for (const text of block.text.split('\n')) {
      if (text.trim() !== '') {
        const values = parseObject(text, line, note);
        if (values) yield { line, values };
      }
      line++;
    }
  }
}

/**
 * Rows of a `.json` file: JSON Lines, or one document: a list of objects, alone or as the longest list in an object, or an object of columns
 * as pandas writes it. `line` is that of JSON Lines, else the number of the row.
 * @throws UserError for a document that is too large
 */
export async function* jsonRows(file: string, note: NoteLine, format: TextFormat): AsyncGenerator<Row> {
  if (await isJsonLines(file, format)) return yield* jsonLineRows(file, note, format);
  let text = '';
  for await (const block of textBlocks(file, note, format)) {
    if (text.length + block.text.length > MAX_CHARACTERS)
      throw new UserError(
        `data: ${JSON.stringify(file)} is one JSON document of more than ${MAX_CHARACTERS / 2 ** 20} million characters. Write it as JSON Lines, an object a line.`,
      );
    text += block.text;
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return note('bad-json', undefined, (error as Error).message);
  }
  const rows = rowsOf(document);
  if (!rows) return note('bad-json', undefined, 'expected a list of objects');
  for (const [at, values] of rows.entries()) {
    if (isObject(values)) yield { line: at + 1, values };
    else note('bad-json', at + 1, 'expected an object {...}');
  }
}

async function isJsonLines(file: string, format: TextFormat): Promise<boolean> {
  for await (const { text } of textBlocks(file, () => {}, format)) {
    const first = text.split('\n').find((line) => line.trim() !== '');
    if (first) return parseObject(first, undefined, () => {}) !== undefined && text.trim() !== first.trim();
  }
  return false;
}

function rowsOf(document: unknown): unknown[] | undefined {
  if (Array.isArray(document)) return document;
  if (!isObject(document)) return undefined;
  const columns = Object.entries(document);
  const lists = columns.flatMap(([, value]) => (Array.isArray(value) && value.some(isObject) ? [value] : []));
  if (lists.length) return lists.reduce((longest, list) => (list.length > longest.length ? list : longest));
  if (columns.length > 1 && columns.every(([, value]) => isObject(value))) {
    const keys = Object.keys(columns[0][1] as object);
    return keys.map((key) =>
      Object.fromEntries(columns.map(([name, value]) => [name, (value as Record<string, unknown>)[key]])),
    );
  }
  return [document];
}
