import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ProductImage } from '../types.js';

/** Bytes read at each end of a large file. */
const END = 32 * 1024;

/**
 * Add an image file to a hash: its size and its bytes or, above 64 KB, its first and last 32 KB. Synchronous, because reading so little
 * from the disk cache costs less than a promise.
 * @param buffer from `fileBuffer`, shared by all files of a call
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
 * Make a function that identifies an image by the first 16 hexadecimal digits of a SHA-256: of its file (`hashFile`), or of a drawing's key
 * or else its pixels. It returns undefined for a file that cannot be read, and reads each image once.
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
