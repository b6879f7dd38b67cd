import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { UserError } from '../../checks/error.js';
import { writeFileAtomic } from '../../store/atomic.js';
import { readJsonFile } from '../../store/json-file.js';

/** The ids of a file that has no place for them stand beside it: `NAME.ids.json`, a list, or `NAME.ids.txt`, one a line. */
const endings = ['.ids.json', '.ids.txt'];

const stem = (path: string) => path.replace(/\.[^./]+$/, '');

/** The ids of the rows of a file. @throws UserError if there are none, or not as many as rows */
export function readIds(path: string, rows: number): string[] {
  const found = endings.map((ending) => `${stem(path)}${ending}`).find((each) => existsSync(each));
  if (!found)
    throw new UserError(
      `${path}: has no ids; write them as a list to ${basename(stem(path))}.ids.json, or one a line to ${basename(stem(path))}.ids.txt beside it.`,
    );
  const ids = found.endsWith('.json') ? listOf(found) : linesOf(found);
  if (ids.length !== rows)
    throw new UserError(
      `${found}: has ${ids.length} ids for the ${rows} rows of ${path}. Write both from the same list.`,
    );
  return ids;
}

export function writeIds(path: string, ids: readonly string[]): void {
  writeFileAtomic(`${stem(path)}${endings[0]}`, JSON.stringify(ids));
}

function listOf(path: string): string[] {
  const list = readJsonFile(path, 'write the ids as a list');
  if (!Array.isArray(list) || !list.every((id) => typeof id === 'string' || typeof id === 'number'))
    throw new UserError(`${path}: expected a list of ids.`);
  return list.map(String);
}

function linesOf(path: string): string[] {
  const lines = readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
