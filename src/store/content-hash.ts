import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** SHA-256 over names and bytes of the files that a model is made of, in the order given. */
export async function hashFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${basename(file)}\n`);
    await pipeline(createReadStream(file), hash, { end: false });
  }
  return hash.digest('hex');
}

/** SHA-256 of a plain value. */
export function valueHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
