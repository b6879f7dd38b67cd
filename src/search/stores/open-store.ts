import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { valueHash } from '../../store/content-hash.js';
import { userCache } from '../../store/user-cache.js';
import { readEmbeddingFile } from '../files/embedding-file.js';
import type { EmbeddingRows } from '../files/embedding-table.js';
import { openLanceStore } from './lance.js';
import { openMemoryStore } from './memory.js';
import { openPostgresStore } from './postgres.js';
import type { VectorStore } from './vector-store.js';

const kinds = { 'postgres:': openPostgresStore, 'lance:': openLanceStore };

/** Whether a name is that of a store which is loaded, and not of a file. */
export const isDatabase = (name: string): boolean => Object.keys(kinds).some((kind) => name.startsWith(kind));

/**
 * Open vectors to search in: a file of embeddings or the folder of a run, `postgres:TABLE` on the server of `DATABASE_URL`, or
 * `lance:FOLDER`. Close it when done.
 * @param withFields adds fields to the rows of a file
 * @throws UserError for a file that cannot be read, or a store that cannot be opened
 */
export async function openStore(
  name: string,
  withFields: (rows: EmbeddingRows) => EmbeddingRows = (rows) => rows,
): Promise<VectorStore> {
  for (const [kind, open] of Object.entries(kinds)) if (name.startsWith(kind)) return open(name.slice(kind.length));
  const { rows, notes } = await readEmbeddingFile(name);
  return openMemoryStore(withFields(rows), { name, notes, indexFolder: indexFolderOf(name) });
}

/** Where the index of neighbours of a file is kept: in the cache, under what tells its state from another. */
function indexFolderOf(path: string): string {
  const { size, mtimeMs } = statSync(path);
  return join(userCache(), 'neighbours', valueHash([resolve(path), size, mtimeMs]).slice(0, 16));
}
