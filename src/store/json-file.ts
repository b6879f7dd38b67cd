import { readFileSync, statSync } from 'node:fs';
import { UserError } from '../checks/error.js';

/**
 * Read a JSON file that must exist. The caller checks its structure.
 * @param remedy what to do if the file is missing or broken, as a clause: `copy it from the model's page`
 * @throws UserError naming the file
 */
export function readJsonFile(file: string, remedy: string): unknown {
  const isFile = statSync(file, { throwIfNoEntry: false })?.isFile();
  if (!isFile) throw new UserError(`${file}: ${isFile === undefined ? 'no such file' : 'not a file'}; ${remedy}.`);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const [why] = (error as Error).message.split('\n');
    throw new UserError(`${file}: not JSON (${why}); ${remedy}.`);
  }
}
