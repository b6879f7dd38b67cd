import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ImageSource } from '../data/types.js';
import { readImageFile } from '../pictures/image-file.js';

/** SHA-256 over names and bytes of the files that a model is made of, in the order given. */
export async function hashFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${basename(file)}\n`);
    await pipeline(createReadStream(file), hash, { end: false });
  }
  return hash.digest('hex');
}

/** SHA-256 of a file's bytes, or of a drawing's pixels. @throws ImageError for a file that is no image */
export async function imageHash(source: ImageSource): Promise<string> {
  const hash = createHash('sha256');
  if (source.kind === 'file') return hash.update(await readImageFile(source.path)).digest('hex');
  const { width, height, data } = source.draw();
  return hash.update(`${width} x ${height}`).update(data).digest('hex');
}

/** SHA-256 of a plain value. */
export function valueHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
