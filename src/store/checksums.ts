import { createHash } from 'node:crypto';
import { type Dirent, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Write the SHA-256 of every file in a folder to the file `list` in the same folder. */
export function writeChecksums(folder: string, list: string): void {
  writeFileSync(join(folder, list), JSON.stringify(hashesOf(folder, list), null, 1));
}

/**
 * Check a folder against the list that `writeChecksums` wrote. Returns one sentence that names the first difference, or undefined if there
 * is none.
 */
export function findDamage(folder: string, list: string): string | undefined {
  const file = join(folder, list);
  if (!existsSync(file)) return `${list} is missing.`;
  let expected: Record<string, string>;
  try {
    expected = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return `${list} is damaged: it is not valid JSON.`;
  }
  const found = hashesOf(folder, list);
  const wrong = Object.keys(expected).find((name) => expected[name] !== found[name]);
  if (!wrong) return undefined;
  return found[wrong] ? `${wrong} has changed since it was saved (its checksum differs).` : `${wrong} is missing.`;
}

function hashesOf(folder: string, list: string): Record<string, string> {
  const files = (readdirSync(folder, { recursive: true, withFileTypes: true }) as Dirent[])
    .filter((entry) => entry.isFile() && entry.name !== list)
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  return Object.fromEntries(files.map((file) => [file, hashOfFile(join(folder, file))]));
}

export function hashOfFile(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
