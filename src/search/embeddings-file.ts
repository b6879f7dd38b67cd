import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../checks/error.js';
import { fillFolder } from '../store/atomic.js';
import { damageOf, writeChecksums } from '../store/checksums.js';
import { readJsonFile } from '../store/json-file.js';
import { readHeader, readTensor, writeSafetensors } from '../store/safetensors.js';
import type { Embeddings } from './embeddings.js';
import { checkEmbeddings } from './unit-embeddings.js';

const FILE = 'embeddings.safetensors';
const LIST = 'checksums.json';

/**
 * Save embeddings as `embeddings/` of a run: `embeddings.safetensors` with one tensor [n, width] a name, `ids.json` with the ids of
 * its rows, `checksums.json`.
 * @throws UserError for numbers that are not ids x width, and when it cannot be written; what was there before is whole then
 */
export function saveEmbeddings(run: string, named: Record<string, Embeddings>): void {
  for (const each of Object.values(named)) checkEmbeddings(each);
  fillFolder(join(run, 'embeddings'), (aside) => {
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

/** The embeddings of a run by name. @throws UserError where there are none, or they are damaged */
export function readEmbeddings(run: string): Record<string, Embeddings> {
  const folder = join(run, 'embeddings');
  const damage = damageOf(folder, LIST);
  if (damage) throw new UserError(`${folder}: ${damage} Train again, or embed the products anew.`);
  const ids = readJsonFile(join(folder, 'ids.json'), 'train again') as Record<string, string[]>;
  const source = readHeader(join(folder, FILE));
  return Object.fromEntries(
    [...source.tensors].map(([name, { shape }]) => [
      name,
      { ids: ids[name], vectors: readTensor(source, name) as Float32Array, width: shape[1] },
    ]),
  );
}
