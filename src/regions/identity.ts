import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** A name for a detector by all that its answers depend on beside the image and the title; fit for a file name. */
export function identityOf(kind: string, settings: object, weights = ''): string {
  const digest = createHash('sha256').update(JSON.stringify(settings)).update(weights).digest('hex');
  return `${kind}-${digest.slice(0, 16)}`;
}

/** SHA-256 over names and bytes of the files that a model is made of, in the order given. */
export async function hashFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${basename(file)}\n`);
    await pipeline(createReadStream(file), hash, { end: false });
  }
  return hash.digest('hex');
}
