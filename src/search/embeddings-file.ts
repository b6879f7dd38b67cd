import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../checks/error.js';
import { writeFolderAtomic } from '../store/atomic.js';
import { findDamage, writeChecksums } from '../store/checksums.js';
import { readJsonFile } from '../store/json-file.js';
import { readHeader, readTensor, writeSafetensors } from '../store/safetensors.js';
import type { Embeddings } from './embeddings.js';
import { checkEmbeddings } from './unit-embeddings.js';

const FILE = 'embeddings.safetensors';
const LIST = 'checksums.json';

/**
 * Save named embeddings in the folder `embeddings/` of a run: `embeddings.safetensors` with one tensor [n, width] per name, `ids.json` with
 * the ids of its rows, and `checksums.json`.
 * @throws UserError if the number of values is not ids x width, or if it cannot be written; existing embeddings are then unchanged
 */
export function saveEmbeddings(run: string, named: Record<string, Embeddings>): void {
  for (const each of Object.values(named)) checkEmbeddings(each);
  writeFolderAtomic(join(run, 'embeddings'), (aside) => {
    writeSafetensors(
      join(aside, FILE),
      Object.entries(named).map(([name, { ids, vectors, width }]) => ({
        name,
        shape: [ids.length, width],
        dtype: 'F32',
        values: () => vectors,
      })),
    );
    const ids = Object.entries(named).map(([name, each]) => [name, each.ids] as const);
    writeFileSync(join(aside, 'ids.json'), JSON.stringify(Object.fromEntries(ids)));
    writeChecksums(aside, LIST);
  });
}

/**
 * Read the embeddings of a run by name.
 * @throws UserError if there are none, or they are damaged
 */
export function readEmbeddings(run: string): Record<string, Embeddings> {
  const folder = join(run, 'embeddings');
  const damage = findDamage(folder, LIST);
  if (damage) throw new UserError(`${folder}: ${damage} Train again, or embed the products again.`);
  const ids = readJsonFile(join(folder, 'ids.json'), 'train again') as Record<string, string[]>;
  const source = readHeader(join(folder, FILE));
  return Object.fromEntries(
    [...source.tensors].map(([name, { shape }]) => [
      name,
      { ids: ids[name], vectors: readTensor(source, name) as Float32Array, width: shape[1] },
    ]),
  );
}
