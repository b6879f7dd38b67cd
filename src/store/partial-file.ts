// Partial downloads. Unlike in `atomic.ts`, bytes arrive over minutes and several attempts, so they stay under a name that the next attempt
// finds.

import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readFile, rm } from 'node:fs/promises';

/** A strong ETag: equal tags guarantee equal bytes. */
const STRONG_ETAG = /^"[\x21\x23-\x7e]*"$/;

/** Open a file for writing. Refuses to follow a symbolic link. */
export function openPlain(path: string, flag: 'append' | 'replace'): Promise<FileHandle> {
  const { O_WRONLY, O_CREAT, O_APPEND, O_TRUNC, O_NOFOLLOW } = constants;
  return open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | (flag === 'append' ? O_APPEND : O_TRUNC));
}

/**
 * Start `target.part`, the bytes of an incomplete download, and store its ETag. Without a strong ETag, or with compressed bytes, nothing
 * guarantees that the rest will fit; such a download cannot be resumed.
 */
export async function startPart(target: string, headers: Headers): Promise<FileHandle> {
  await rm(`${target}.etag`, { force: true });
  const etag = headers.get('etag') ?? '';
  if (STRONG_ETAG.test(etag) && !headers.has('content-encoding')) {
    const file = await openPlain(`${target}.etag`, 'replace');
    await file.writeFile(etag).finally(() => file.close());
  }
  return openPlain(`${target}.part`, 'replace');
}

/** The number of bytes of `target` that an earlier attempt left and that can be resumed, with their ETag. 0 bytes if there are none. */
export async function findPart(target: string): Promise<{ bytes: number; etag: string }> {
  const [part, tag] = await Promise.all(['part', 'etag'].map((name) => lstat(`${target}.${name}`).catch(() => null)));
  if (!part?.isFile() || !tag?.isFile()) return { bytes: 0, etag: '' };
  const etag = await readFile(`${target}.etag`, 'utf8');
  return { bytes: STRONG_ETAG.test(etag) ? part.size : 0, etag };
}

export async function discardPart(target: string): Promise<void> {
  await rm(`${target}.part`, { force: true });
  await rm(`${target}.etag`, { force: true });
}
