import { existsSync, readFileSync } from 'node:fs';
import { UserError } from '../checks/error.js';

/**
 * Read a JSON file that must exist. The caller checks its structure.
 * @param remedy what to do if the file is missing, as a clause: `copy it from the model's page`
 * @throws UserError naming the file
 */
export function readJsonFile(file: string, remedy: string): unknown {
  if (!existsSync(file)) throw new UserError(`${file}: no such file; ${remedy}.`);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${file}: not JSON (${(error as Error).message}); fetch the file again.`);
  }
}
