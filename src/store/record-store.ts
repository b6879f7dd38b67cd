import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeRoom } from './cache-limit.js';
import { keyIndex } from './key-index.js';
import {
  fileBytes,
  KEY_BYTES,
  MOST_RECORDS,
  markUsed,
  NOTE_AT,
  type RecordSizes,
  readRecord,
  readTable,
  rowBytes,
  writeRecords,
} from './record-file.js';

/** A store of byte records of one size, each with a short note that stays in memory. Where a record stands is a number of 32 bits. */
export interface RecordStore {
  /** The place of a record by its key: a hash of the content it was computed from, 64 hexadecimal digits. */
  find(key: string): number | undefined;
  /**
   * Keep a record, and write it with others once they are 32 MB. The store then owns the bytes. Without a key it can be read by its place alone.
   * @throws UserError if the folder cannot be written; the record is kept, and the next call tries again
   */
  put(key: string | undefined, record: Uint8Array, note?: Uint8Array): number;
  /** @throws UserError if its file is gone, cut short or damaged by now */
  read(place: number): Uint8Array;
  noteOf(place: number): Buffer;
  /**
   * Write the records that are in memory.
   * @throws UserError if the folder cannot be written
   */
  save(): void;
}

/** Bytes of new records in memory. */
const PART = 2 ** 25;

/** Records that are written together. */
interface Part {
  /** A row a record: key, checksum, note. */
  table: Buffer;
  /** Those in memory: all until they are written, and none after it. */
  records: Uint8Array[];
  count: number;
  file?: string;
  isUsed?: boolean;
}

/** The stores of this process by folder and sizes: whoever opens one again reads the tables of new files alone. */
const shared = new Map<string, { store: RecordStore; refresh(): boolean }>();

/**
 * Open a folder of records. Keys and notes are loaded, about 40 bytes a record; records are read from disk one by one. New ones are written in
 * files of 32 MB, each atomically and named by its content, so several processes may write at the same time, and an interrupted one loses
 * one file at most. Files that are cut short, damaged or of another version are ignored, and their records are computed again.
 */
export function openRecords(folder: string, record: number, note = 0): RecordStore {
  const name = JSON.stringify([resolve(folder), record, note]);
  const known = shared.get(name);
  if (known?.refresh()) return known.store;
  const made = recordStore({ record, note }, resolve(folder));
  made.refresh();
  shared.set(name, made);
  return made.store;
}

/** A store in memory alone. */
export const memoryRecords = (record: number, note = 0): RecordStore => recordStore({ record, note }).store;

function recordStore(sizes: RecordSizes, folder?: string): { store: RecordStore; refresh(): boolean } {
  const row = rowBytes(sizes);
  const rows = Math.max(1, Math.min(MOST_RECORDS, Math.floor(PART / sizes.record)));
  const parts: Part[] = [];
  const names = new Set<string>();
  let fresh: Part | undefined;
  const at = (place: number) => ({ part: parts[place >>> 16], row: place & 0xffff });
  const index = keyIndex((place, key) => {
    const { part, row: own } = at(place);
    return key.compare(part.table, own * row, own * row + KEY_BYTES) === 0;
  });

  /** Read the tables of new files. False if a file of before is gone or another. */
  function refresh(): boolean {
    const isThere = ({ file, count }: Part) =>
      !file || statSync(file, { throwIfNoEntry: false })?.size === fileBytes(count, sizes);
    if (!parts.every(isThere)) return false;
    for (const name of namesIn(folder!)) {
      if (names.has(name)) continue;
      const file = join(folder!, name);
      const table = readTable(file, sizes);
      if (!table) continue;
      names.add(name);
      const count = table.length / row;
      const number = parts.push({ table, records: [], count, file }) - 1;
      for (let own = 0; own < count; own++) {
        const key = table.subarray(own * row, own * row + KEY_BYTES);
        if (index.find(key) === undefined) index.add(key, number * MOST_RECORDS + own);
      }
    }
    return true;
  }

  function save(): void {
    if (!folder || !fresh?.count) return;
    const table = Buffer.from(fresh.table.subarray(0, fresh.count * row));
    // This process may run for days since it found them.
    for (const { file, isUsed } of parts) if (file && isUsed) markUsed(file);
    makeRoom(folder, fileBytes(fresh.count, sizes));
    const file = writeRecords(folder, table, fresh.records, sizes);
    names.add(file.slice(folder.length + 1));
    Object.assign(fresh, { table, records: [], file, isUsed: true });
    fresh = undefined;
  }

  const store: RecordStore = {
    find(key) {
      const place = index.find(keyBytes(key));
      if (place === undefined) return undefined;
      const { part } = at(place);
      if (part.file && !part.isUsed) markUsed(part.file);
      part.isUsed = true;
      return place;
    },
    put(key, record, note) {
      const known = key === undefined ? undefined : store.find(key);
      if (known !== undefined) return known;
      // A part that could not be written when it was full is tried again.
      if (fresh?.count === rows) save();
      if (!fresh || fresh.count === rows) {
        fresh = { table: Buffer.alloc(rows * row), records: [], count: 0 };
        parts.push(fresh);
      }
      const own = fresh.count++;
      const place = (parts.indexOf(fresh) * MOST_RECORDS + own) >>> 0;
      fresh.records.push(record);
      if (note) fresh.table.set(note, own * row + NOTE_AT);
      if (key !== undefined) {
        fresh.table.set(keyBytes(key), own * row);
        index.add(keyBytes(key), place);
      }
      if (fresh.count === rows) save();
      return place;
    },
    read(place) {
      const { part, row: own } = at(place);
      const { file, table } = part;
      return file ? readRecord(file, table, own, sizes) : part.records[own];
    },
    noteOf(place) {
      const { part, row: own } = at(place);
      return part.table.subarray(own * row + NOTE_AT, (own + 1) * row);
    },
    save,
  };
  return { store, refresh };
}

const keyBytes = (key: string) => Buffer.from(key.slice(0, 2 * KEY_BYTES), 'hex');

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.bin'))
      .sort();
  } catch {
    return [];
  }
}
