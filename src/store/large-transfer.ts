import { readSync, writeSync } from 'node:fs';

/** A single read or write is limited to less than 2 GiB. */
const MAX_BYTES = 1 << 30;

/** Write all bytes of an array to an open file, however large. */
export function writeFully(handle: number, from: ArrayBufferView): void {
  const bytes = new Uint8Array(from.buffer, from.byteOffset, from.byteLength);
  for (let done = 0; done < bytes.length; )
    done += writeSync(handle, bytes, done, Math.min(MAX_BYTES, bytes.length - done));
}

/** Fill an array with the bytes of an open file from `position` on, however large. @returns false where the file ends before that */
export function readFully(handle: number, into: Uint8Array, position: number): boolean {
  for (let done = 0; done < into.length; ) {
    const count = readSync(handle, into, done, Math.min(MAX_BYTES, into.length - done), position + done);
    if (!count) return false;
    done += count;
  }
  return true;
}
