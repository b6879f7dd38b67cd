// Apart from `atomic.ts`: bytes that arrive over minutes and several attempts stay aside under a name that the next attempt finds.

import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readFile, rm } from 'node:fs/promises';

/** A strong ETag: equal tags promise equal bytes. */
const STRONG_ETAG = /^"[\x21\x23-\x7e]*"$/;

/** Open for writing, but never through a symbolic link that somebody laid at this name. */
export function openPlain(path: string, flag: 'append' | 'replace'): Promise<FileHandle> {
  const { O_WRONLY, O_CREAT, O_APPEND, O_TRUNC, O_NOFOLLOW } = constants;
  return open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | (flag === 'append' ? O_APPEND : O_TRUNC));
}

/**
 * Begin `target.part`, the bytes of a download that is not yet whole, and keep the ETag under which they came. Without a strong
 * one, or with compressed bytes, nothing promises that the rest will fit, and the part will not be continued.
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

/** How many bytes of `target` an earlier attempt left that may be continued, and their ETag; none is 0 bytes. */
export async function earlierPart(target: string): Promise<{ bytes: number; etag: string }> {
  const [part, tag] = await Promise.all(['part', 'etag'].map((name) => lstat(`${target}.${name}`).catch(() => null)));
  if (!part?.isFile() || !tag?.isFile()) return { bytes: 0, etag: '' };
  const etag = await readFile(`${target}.etag`, 'utf8');
  return { bytes: STRONG_ETAG.test(etag) ? part.size : 0, etag };
}

export async function forgetPart(target: string): Promise<void> {
  await rm(`${target}.part`, { force: true });
  await rm(`${target}.etag`, { force: true });
}
