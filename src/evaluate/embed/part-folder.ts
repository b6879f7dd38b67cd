import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import type { EmbeddingRows } from '../../search/files/embedding-table.js';
import { writeFileAtomic } from '../../store/atomic.js';
import { readJsonFile } from '../../store/json-file.js';
import type { EmbedRow } from './embed-rows.js';
import type { EmbeddedRows } from './embed-source.js';

/** The finished parts of an embedding file, in a folder beside it until all are there. */
export interface PartFolder {
  has(part: number): boolean;
  save(part: number, rows: EmbeddedRows): void;
  /** Ids of a part, and what was left out of it. */
  about(part: number): Pick<EmbeddedRows, 'ids' | 'left'>;
  /** A part as rows of a file. */
  read(part: number, rows: ReadonlyMap<string, EmbedRow>, fields: readonly string[]): EmbeddingRows;
  remove(): void;
}

/**
 * Open the folder of the parts of a file, or make it.
 * @param key identifies everything that the vectors depend on
 * @throws UserError if it holds parts of something else
 */
export function openParts(folder: string, key: string, width: number): PartFolder {
  const keyFile = join(folder, 'key.json');
  if (existsSync(keyFile)) {
    const { key: was } = readJsonFile(keyFile, `delete ${folder}`) as { key?: string };
    if (was !== key)
      throw new UserError(
        `${folder}: holds parts of other vectors (another network, other data or another version). Delete it, or choose another --out.`,
      );
  } else {
    mkdirSync(folder, { recursive: true });
    writeFileAtomic(keyFile, JSON.stringify({ key }));
  }
  const path = (part: number, ending: string) => join(folder, `part-${String(part).padStart(6, '0')}.${ending}`);
  const about = (part: number) =>
    readJsonFile(path(part, 'json'), `delete ${folder}`) as Pick<EmbeddedRows, 'ids' | 'left'>;
  return {
    has: (part) => existsSync(path(part, 'json')),
    save(part, { ids, vectors, left }) {
      writeFileAtomic(path(part, 'f32'), new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength));
      // Last: it says that the part is complete.
      writeFileAtomic(path(part, 'json'), JSON.stringify({ ids, left }));
    },
    about,
    read(part, rows, fields) {
      const { ids } = about(part);
      const bytes = readFileSync(path(part, 'f32'));
      const vectors = new Float32Array(new Uint8Array(bytes).buffer);
      if (vectors.length !== ids.length * width)
        throw new UserError(`${path(part, 'f32')}: is damaged. Delete ${folder} and embed again.`);
      const own = fields.map((name) => [name, ids.map((id) => rows.get(id)!.fields[name] ?? null)] as const);
      return { ids, vectors, width, fields: Object.fromEntries(own) };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
