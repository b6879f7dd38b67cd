import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Write a page whole or not at all: beside its place first, then renamed. Makes the folders it needs. */
export function writePage(path: string, html: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(aside, html);
    renameSync(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
}
