import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** SHA-256 over the names and bytes of files, in the given order. */
export async function hashFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${basename(file)}\n`);
    await pipeline(createReadStream(file), hash, { end: false });
  }
  return hash.digest('hex');
}

/** SHA-256 of a value's JSON text. */
export function valueHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
