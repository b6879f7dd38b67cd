import { closeSync, openSync, readSync } from 'node:fs';

/** Files that stay open between reads, the one read last at the end. */
const opened = new Map<string, number>();
const MOST = 128;

/**
 * Fill `into` with the bytes of a file from `position` on. Synchronous, because a read from the page cache costs less than a promise. The file
 * remains open for the next read, up to 128 files at a time.
 * @returns false if the file ends before
 * @throws the system's error for a file that cannot be opened or read
 */
export function readAt(path: string, into: Uint8Array, position: number): boolean {
  const handle = handleOf(path);
  for (let done = 0; done < into.length; ) {
    const read = readSync(handle, into, done, into.length - done, position + done);
    if (!read) return false;
    done += read;
  }
  return true;
}

/** Close a file, so that the next read opens what is there by then. */
export function closeFile(path: string): void {
  const handle = opened.get(path);
  opened.delete(path);
  if (handle !== undefined) closeSync(handle);
}

function handleOf(path: string): number {
  const handle = opened.get(path) ?? openSync(path, 'r');
  opened.delete(path);
  opened.set(path, handle);
  if (opened.size > MOST) closeFile(opened.keys().next().value!);
  return handle;
}
