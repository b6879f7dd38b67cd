import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from './atomic.js';

/** A store of byte records of one size, keyed by a hash of the content they were computed from. */
export interface RecordStore {
  get(key: string): Promise<Uint8Array | undefined>;
  /** Keep a record in memory until `save`. The store then owns the bytes. */
  put(key: string, record: Uint8Array): void;
  /**
   * Write new records to disk.
   * @throws UserError if the folder cannot be written
   */
  save(): Promise<void>;
  close(): Promise<void>;
}

/** The first bytes of every file. Increase the number if the layout changes. */
const MAGIC = Buffer.from('moonrec1');
const HEADER = 16;
const KEY_BYTES = 32;

/**
 * Open a folder of records of `size` bytes with keys of 64 hexadecimal digits. Only the keys are loaded; a record is read from disk when it
 * is requested. Every `save` atomically writes one file, named by a hash of its keys, so several processes may write at the same time.
 * Files that are damaged or have another format are ignored, and their records are computed again.
 */
export async function openRecords(folder: string, size: number): Promise<RecordStore> {
  const places = new Map<string, { file: FileHandle; at: number }>();
  const fresh = new Map<string, Uint8Array>();
  const files: FileHandle[] = [];
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => each.endsWith('.bin')).sort()) {
    const file = await open(join(folder, name));
    files.push(file);
    const keys = await readKeys(file, size);
    for (const [row, key] of keys.entries())
      places.set(key, { file, at: HEADER + keys.length * KEY_BYTES + row * size });
  }
  return {
    async get(key) {
      const place = places.get(key);
      if (!place) return fresh.get(key);
      const record = new Uint8Array(size);
      await place.file.read(record, 0, size, place.at);
      return record;
    },
    put(key, record) {
      fresh.set(key, record);
    },
    async save() {
      const added = [...fresh].filter(([key]) => !places.has(key));
      if (!added.length) return;
      const file = await writeRecords(folder, size, added);
      files.push(file);
      const start = HEADER + added.length * KEY_BYTES;
      for (const [row, [key]] of added.entries()) places.set(key, { file, at: start + row * size });
      fresh.clear();
    },
    async close() {
      await Promise.all(files.splice(0).map((file) => file.close()));
      places.clear();
    },
  };
}

/** The keys of a file in the order of its records; empty if the file is incomplete or has another format. */
async function readKeys(file: FileHandle, size: number): Promise<string[]> {
  const header = Buffer.alloc(HEADER);
  await file.read(header, 0, HEADER, 0);
  const [recordSize, count] = [header.readUInt32LE(8), header.readUInt32LE(12)];
  const isComplete = (await file.stat()).size === HEADER + count * (KEY_BYTES + size);
  if (!header.subarray(0, 8).equals(MAGIC) || recordSize !== size || !isComplete) return [];
  const keys = Buffer.alloc(count * KEY_BYTES);
  await file.read(keys, 0, keys.length, HEADER);
  return Array.from({ length: count }, (_, row) =>
    keys.subarray(row * KEY_BYTES, (row + 1) * KEY_BYTES).toString('hex'),
  );
}

async function writeRecords(folder: string, size: number, records: [string, Uint8Array][]): Promise<FileHandle> {
  const header = Buffer.alloc(HEADER);
  MAGIC.copy(header);
  header.writeUInt32LE(size, 8);
  header.writeUInt32LE(records.length, 12);
  const keys = Buffer.concat(records.map(([key]) => Buffer.from(key, 'hex')));
  const path = join(folder, `${createHash('sha256').update(keys).digest('hex').slice(0, 16)}.bin`);
  writeFileAtomic(
    path,
    (handle) => {
      for (const part of [header, keys, ...records.map(([, record]) => record)]) writeFileSync(handle, part);
    },
    'Free disk space, or set MOON_CACHE to a folder on another disk.',
  );
  return open(path);
}
