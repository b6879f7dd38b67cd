import { writeSync } from 'node:fs';

/** A single read or write is limited to less than 2 GiB. */
export const maxTransferBytes = 1 << 30;

/** Write all bytes of an array to an open file, however large. */
export function writeFully(handle: number, from: ArrayBufferView): void {
  const bytes = new Uint8Array(from.buffer, from.byteOffset, from.byteLength);
  for (let done = 0; done < bytes.length; )
    done += writeSync(handle, bytes, done, Math.min(maxTransferBytes, bytes.length - done));
}
