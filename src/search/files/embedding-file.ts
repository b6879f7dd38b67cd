import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError, wrongOption } from '../../checks/error.js';
import { requirePath } from '../../checks/missing-path.js';
import { readEmbeddings } from '../embeddings-file.js';
import { checkEmbeddings } from '../unit-embeddings.js';
import type { EmbeddingFormat, EmbeddingRows, EmbeddingTable, ReadRows } from './embedding-table.js';
import { npy } from './npy.js';
import { pickRows } from './pick-rows.js';
import { safetensors } from './safetensors.js';
import { jsonLines, otherTable, parquet } from './tables.js';

const formats: readonly EmbeddingFormat[] = [parquet, safetensors, npy, jsonLines, otherTable];

/** Endings of the files that can be written. */
export const writtenEndings = formats.flatMap(({ endings, write }) => (write ? endings[0] : []));

/**
 * Read vectors of any model from a file: Parquet, safetensors, npy, JSON Lines or another table; or those of the products of a run's folder. Rows that
 * are all zero or not finite are left out. Half precision becomes single; vectors keep their lengths.
 * @returns the rows, and a sentence for each reason why some were left out
 * @throws UserError for a file that is not there, of another kind, damaged, or without a row that can be used
 */
export async function readEmbeddingFile(path: string): Promise<ReadRows> {
  requirePath(path);
  const { rows, notes } = statSync(path).isDirectory() ? ofRun(path) : await formatOf(path).read(path);
  checkEmbeddings({ ...rows, width: rows.width || 1 });
  const directed = withDirection(rows);
  if (!directed.rows.ids.length)
    throw new UserError(`${path}: has no vector that can be used. ${[...notes, ...directed.notes].join('. ')}`);
  return { rows: directed.rows, notes: [...notes, ...directed.notes] };
}

/** Write vectors to a file whose ending says how. @throws UserError for another ending, or if it cannot be written; an existing file is then unchanged */
export function writeEmbeddingFile(path: string, table: EmbeddingTable): void {
  writerOf(path)(path, table);
}

/** How a file of this name is written. @param name the flag or option that gave it @throws UserError for another ending */
export function writerOf(path: string, name = 'embeddings'): NonNullable<EmbeddingFormat['write']> {
  const write = formatNamed(path)?.write;
  if (!write) throw wrongOption(name, path, `a file ending in ${writtenEndings.join(' | ')}`);
  return write;
}

/** The queries of an embedding file stand beside it: `shop.parquet` and `shop.queries.parquet`. */
export function queriesBeside(path: string): string {
  return path.replace(/(\.[^./]+)$/, '.queries$1');
}

const formatNamed = (path: string) =>
  formats.find(({ endings }) => endings.some((ending) => path.toLowerCase().endsWith(ending)));

function formatOf(path: string): EmbeddingFormat {
  const found = formatNamed(path);
  if (!found)
    throw wrongOption('embeddings', path, `a file ending in ${formats.flatMap(({ endings }) => endings).join(' | ')}`);
  return found;
}

function ofRun(folder: string): ReadRows {
  if (!existsSync(join(folder, 'embeddings')))
    throw new UserError(`${folder}: is neither a file of embeddings nor a run, which has a folder "embeddings".`);
  const { products, ...others } = readEmbeddings(folder);
  return { rows: { ...(products ?? Object.values(others)[0]), fields: {} }, notes: [] };
}

/** Without the rows that point nowhere. */
function withDirection({ ids, vectors, width, fields }: EmbeddingRows): ReadRows {
  const lost: number[] = [];
  for (let row = 0; row < ids.length; row++) {
    let square = 0;
    for (let at = row * width; at < (row + 1) * width; at++) square += vectors[at] * vectors[at];
    if (!(square > 0 && square < Infinity)) lost.push(row);
  }
  if (!lost.length) return { rows: { ids, vectors, width, fields }, notes: [] };
  const gone = new Set(lost);
  const kept = [...ids.keys()].filter((row) => !gone.has(row));
  const first = lost.slice(0, 3).map((row) => ids[row]);
  return {
    rows: pickRows({ ids, vectors, width, fields }, kept),
    notes: [
      `${lost.length} rows are left out, a vector that is zero or not finite: ${first.join(', ')}${lost.length > first.length ? ' ...' : ''}`,
    ],
  };
}
