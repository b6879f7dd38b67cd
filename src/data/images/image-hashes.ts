import { statSync } from 'node:fs';
import { valueHash } from '../../store/content-hash.js';
import { openRecords } from '../../store/record-store.js';
import type { ImageSource } from '../types.js';
import { imageHash } from './image-hash.js';

/** Gives the hash of an image. @throws ImageError for a file that is not an image */
export type HashOf = (source: ImageSource) => Promise<string>;

const HASH_BYTES = 32;
/** A file may change once more within the resolution of its time. */
const SETTLED = 2000;

/**
 * `imageHash`, which remembers the hashes of files in a folder: by path, size and times, so that a second start does not read every file again.
 * Without a folder nothing is remembered.
 */
export function openHashes(folder: string | undefined): { hashOf: HashOf; save(): void } {
  if (!folder) return { hashOf: imageHash, save: () => {} };
  const records = openRecords(folder, 0, HASH_BYTES);
  return {
    async hashOf(source) {
      const key = source.kind === 'file' ? stateOf(source.path) : undefined;
      if (!key) return imageHash(source);
      const known = records.find(key);
      if (known !== undefined) return records.noteOf(known).toString('hex');
      const hash = await imageHash(source);
      records.put(key, new Uint8Array(), Buffer.from(hash, 'hex'));
      return hash;
    },
    save: records.save,
  };
}

/** Undefined for a file that is not there, or was changed just now. */
function stateOf(path: string): string | undefined {
  const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true, throwIfNoEntry: false }) ?? {};
  if (ctimeNs === undefined || Date.now() - Number(ctimeNs / 1_000_000n) < SETTLED) return undefined;
  return valueHash([path, ...[ino, size, mtimeNs, ctimeNs].map(String)]);
}
