import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { UserError, wrongOption } from '../../checks/error.js';
import type { ColumnMap } from '../../data/tables/columns.js';
import { isObject } from '../../data/tables/json.js';
import { writeFileAtomic } from '../../store/atomic.js';

/** The name of the file in the folder of a study. */
export const STUDY = 'study.json';

/** How a study reads its catalogue. Every command takes the file in place of the data, so all of them see the same products, queries and splits. */
export interface StudyFile {
  /** Folder or table of products; in the file relative to its folder. */
  data: string;
  map?: Partial<ColumnMap>;
  encoding?: string;
  follow?: string;
  /** `own`: the queries of the data. `made`: made from products, since the data have none (`makeQueries`). */
  queries: 'own' | 'made';
  /** Of the queries that are made, and of the split. */
  seed: number;
  /** File with the ids of each split (`StoredSplit`), beside this one. Without it the splits of the data hold. */
  split?: string;
  /** Groups of ids that show the same picture; never each other's negatives. */
  duplicates: string[][];
}

const fields = ['data', 'map', 'encoding', 'follow', 'queries', 'seed', 'split', 'duplicates'];

/** Whether a path is the file of a study, or a folder with one. */
export function studyAt(path: string): string | undefined {
  const file = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, STUDY) : path;
  if (!file.endsWith('.json') || !existsSync(file) || statSync(file).size > 2 ** 28) return undefined;
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isObject(json) && typeof json.data === 'string' && 'queries' in json ? file : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Read the file of a study; its paths become absolute or relative to the working folder.
 * @throws UserError for a setting that is unknown or wrong
 */
export function readStudyFile(file: string): StudyFile {
  const json = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  for (const name of Object.keys(json))
    if (!fields.includes(name)) throw new UserError(`${file}: ${name} is unknown (known here: ${fields.join(', ')}).`);
  const wrong = (name: string, expected: string) => wrongOption(`${file}: ${name}`, json[name], expected);
  if (json.queries !== 'own' && json.queries !== 'made') throw wrong('queries', 'own | made');
  if (!Number.isInteger(json.seed)) throw wrong('seed', 'an integer');
  if (!Array.isArray(json.duplicates)) throw wrong('duplicates', 'a list of lists of ids');
  const place = (path: unknown) => (path === undefined ? undefined : resolve(dirname(file), String(path)));
  return {
    ...(json as unknown as StudyFile),
    data: place(json.data)!,
    follow: place(json.follow),
    split: place(json.split),
  };
}

export function writeStudyFile(folder: string, study: StudyFile): void {
  const place = (path: string) => relative(resolve(folder), resolve(path));
  const { data, follow } = study;
  const written = { ...study, data: place(data), ...(follow === undefined ? {} : { follow: place(follow) }) };
  writeFileAtomic(join(folder, STUDY), `${JSON.stringify(written, null, 2)}\n`);
}
