import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../checks/error.js';

/** Write a file whole: under another name, flushed, then renamed. A reader sees the old file or the new one. */
export function writeWhole(file: string, text: string): void {
  const aside = `${file}.${process.pid}.part`;
  guarded(file, aside, () => {
    writeFileSync(aside, text);
    flush(aside);
    renameSync(aside, file);
    flush(dirname(file));
  });
}

/** Add text to the end of a file. @throws UserError when the disk is full or cannot be written; a part of the text may stand there */
export function append(file: string, text: string): void {
  guarded(file, undefined, () => appendFileSync(file, text));
}

/**
 * Fill a folder whole: `fill` writes into a folder of another name, which is flushed and renamed. What was there of this name
 * before gives way once the new one is whole.
 * @throws UserError when the disk is full or cannot be written; what was there before is there then
 */
export function fillWhole(folder: string, fill: (aside: string) => void): void {
  const [aside, old] = [`${folder}.part`, `${folder}.old`];
  guarded(folder, aside, () => {
    rmSync(aside, { recursive: true, force: true });
    fill(aside);
    for (const file of readdirSync(aside, { recursive: true }) as string[]) flush(join(aside, file));
    flush(aside);
    rmSync(old, { recursive: true, force: true });
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(aside, folder);
    flush(dirname(folder));
    rmSync(old, { recursive: true, force: true });
  });
}

function guarded(target: string, aside: string | undefined, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (aside) rmSync(aside, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    const why = code === 'ENOSPC' ? 'the disk is full' : code;
    throw new UserError(
      `${target}: cannot be written (${why}). Free space or choose another --out; what was saved before is whole.`,
    );
  }
}

function flush(path: string): void {
  if (process.platform === 'win32' && statSync(path).isDirectory()) return;
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
