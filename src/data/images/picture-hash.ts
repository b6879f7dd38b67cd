import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ProductImage } from '../types.js';

/** Bytes that are read at each end of a larger file. */
const END = 32 * 1024;

/**
 * Add what a picture file is to a hash: its size and its bytes, of one above 64 KB the first and the last 32 KB. Synchronous: a picture's
 * worth of bytes from the disk's cache costs less than a promise.
 * @param buffer of `fileBuffer`, for all files of a call
 * @returns false for a file that cannot be read
 */
export function hashFile(hash: Hash, path: string, buffer: Uint8Array): boolean {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { size } = fstatSync(file);
    hash.update(`file of ${size}`);
    const first = readSync(file, buffer, 0, size > 2 * END ? END : 2 * END, 0);
    const last = size > 2 * END ? readSync(file, buffer, first, END, size - END) : 0;
    hash.update(buffer.subarray(0, first + last));
    return true;
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

export const fileBuffer = (): Uint8Array => new Uint8Array(2 * END);

/**
 * The first 16 digits in hex of what tells a picture: the SHA-256 of its file (`hashFile`) or, of a drawing, of its key or else its
 * pixels. Undefined for a file that cannot be read. Each picture is read once.
 */
export function pictureHasher(): (image: ProductImage) => string | undefined {
  const buffer = fileBuffer();
  const known = new Map<ProductImage['source'], string | undefined>();
  return ({ source }) => {
    if (known.has(source)) return known.get(source);
    const hash = createHash('sha256');
    let isRead = true;
    if (source.kind === 'file') isRead = hashFile(hash, source.path, buffer);
    else if (source.key !== undefined) hash.update(source.key);
    else {
      const { width, height, data } = source.draw();
      hash.update(`${width} x ${height}`).update(data);
    }
    const found = isRead ? hash.digest('hex').slice(0, 16) : undefined;
    known.set(source, found);
    return found;
  };
}
