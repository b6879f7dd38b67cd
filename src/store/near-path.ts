import { relative, resolve } from 'node:path';

/** A path as a message shows it: relative to the working folder if it lies below. */
export function nearPath(path: string): string {
  const near = relative(process.cwd(), resolve(path));
  return near && !near.startsWith('..') ? near : path;
}
