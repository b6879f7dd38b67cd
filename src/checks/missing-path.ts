import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from './error.js';
import { nearNames } from './nearest-name.js';

/**
 * The error for a path that is not there: `--data: shpo.csv does not exist; did you mean shop.csv?`
 * @param name the flag or argument that gave it
 */
export function missingPath(path: string, name?: string): UserError {
  const above = dirname(path);
  const isFolder = statSync(above, { throwIfNoEntry: false })?.isDirectory();
  const near = isFolder ? nearNames(basename(path), readdirSync(above)).map((each) => join(above, each)) : [];
  const remedy = near.length
    ? `did you mean ${near.join(' or ')}?`
    : isFolder || existsSync(above)
      ? 'check the path.'
      : `there is no folder ${above} either; check the path.`;
  return new UserError(`${name ? `${name}: ` : ''}${path} does not exist; ${remedy}`);
}

/** @throws UserError for a path that is not there */
export function requirePath(path: string, name?: string): void {
  if (!existsSync(path)) throw missingPath(path, name);
}
