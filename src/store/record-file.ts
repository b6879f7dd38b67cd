import { createHash } from 'node:crypto';
import { statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { UserError } from '../checks/error.js';
import { writeFileAtomic } from './atomic.js';
import { closeFile, readAt } from './read-at.js';

/** Sizes in bytes of a record and of the note that is kept in memory beside its key. */
export interface RecordSizes {
  record: number;
  note: number;
}

/** The first bytes of every file. Increase the number if the layout changes. */
const MAGIC = Buffer.from('moonrec2');
/** Magic, size of a record, of a note, number of records, CRC-32 of the table. */
const HEADER = 24;
/** Of the SHA-256 of what a record was computed from, the first 128 bits. */
export const KEY_BYTES = 16;
/** A row of the table: key, CRC-32 of the record, note. */
export const NOTE_AT = KEY_BYTES + 4;
export const rowBytes = ({ note }: Pick<RecordSizes, 'note'>) => NOTE_AT + note;
/** Most records of a file: a place is a number of 16 bits in one of 16 bits. */
export const MOST_RECORDS = 2 ** 16;

/** The table of a file; undefined if the file is cut short, damaged or of another version. */
export function readTable(path: string, sizes: RecordSizes): Buffer | undefined {
  closeFile(path);
  try {
    const header = Buffer.alloc(HEADER);
    if (!readAt(path, header, 0) || !header.subarray(0, 8).equals(MAGIC)) return undefined;
    const [record, note, count, check] = [8, 12, 16, 20].map((at) => header.readUInt32LE(at));
    if (record !== sizes.record || note !== sizes.note || count > MOST_RECORDS) return undefined;
    const table = Buffer.alloc(count * rowBytes(sizes));
    if (statSync(path).size !== fileBytes(count, sizes) || !readAt(path, table, HEADER)) return undefined;
    return crc32(table) === check ? table : undefined;
  } catch {
    return undefined;
  } finally {
    closeFile(path);
  }
}

/**
 * Read a record of a file whose table is known.
 * @throws UserError if the file is gone, cut short or damaged by now
 */
export function readRecord(path: string, table: Buffer, row: number, sizes: RecordSizes): Uint8Array {
  const record = new Uint8Array(sizes.record);
  const check = table.readUInt32LE(row * rowBytes(sizes) + KEY_BYTES);
  let reason = 'is damaged or cut short';
  try {
    if (readAt(path, record, HEADER + table.length + row * sizes.record) && crc32(record) === check) return record;
  } catch (error) {
    reason = `cannot be read any more (${(error as NodeJS.ErrnoException).code})`;
  }
  closeFile(path);
  throw new UserError(`${path}: ${reason}. Delete it and start again: what it held is computed again.`);
}

/**
 * Write records into a file of a folder, named by a hash of its keys. Returns its path.
 * @param table one row a record, whose checksums are filled in
 * @throws UserError if it cannot be written, e.g. because the disk is full; other files are unchanged
 */
export function writeRecords(
  folder: string,
  table: Buffer,
  records: readonly Uint8Array[],
  sizes: RecordSizes,
): string {
  const header = Buffer.alloc(HEADER);
  MAGIC.copy(header);
  for (const [at, record] of records.entries()) table.writeUInt32LE(crc32(record), at * rowBytes(sizes) + KEY_BYTES);
  [sizes.record, sizes.note, records.length, crc32(table)].forEach((value, at) => {
    header.writeUInt32LE(value, 8 + 4 * at);
  });
  const path = join(folder, `${createHash('sha256').update(table).digest('hex').slice(0, 16)}.bin`);
  writeFileAtomic(
    path,
    (handle) => {
      for (const part of [header, table, ...records]) writeFileSync(handle, part);
    },
    'Free disk space, or set MOON_CACHE to a folder on another disk. What was written before is kept.',
  );
  closeFile(path);
  return path;
}

export const fileBytes = (count: number, sizes: RecordSizes) => HEADER + count * (rowBytes(sizes) + sizes.record);

/** Mark a file as used now, which `makeRoom` reads. */
export function markUsed(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // A cache that may only be read has no limit to keep.
  }
}

/** Whether the bytes at the start of a file are those of any version. */
export function isRecordFile(path: string): boolean {
  try {
    const start = Buffer.alloc(7);
    const isOurs = readAt(path, start, 0) && start.equals(MAGIC.subarray(0, 7));
    closeFile(path);
    return isOurs;
  } catch {
    return false;
  }
}
