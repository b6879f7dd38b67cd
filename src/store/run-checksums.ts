import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../checks/error.js';
import { writeFileAtomic } from './atomic.js';
import { hashOfFile } from './checksums.js';
import { readJsonFile } from './json-file.js';

/** The files of a run folder with a checksum here. Checkpoints and embeddings have lists of their own. */
const files = ['manifest.json', 'metrics.jsonl', 'best.json', 'report.html', 'trained-on.json'] as const;
export type RunFile = (typeof files)[number];

const checksumsFile = (run: string) => join(run, 'checksums.json');

/** Write the SHA-256 of a run's files to `checksums.json`, when the run has finished or was stopped. */
export function writeRunChecksums(run: string): void {
  const there = files.filter((file) => existsSync(join(run, file)));
  const hashes = Object.fromEntries(there.map((file) => [file, hashOfFile(join(run, file))]));
  writeFileAtomic(checksumsFile(run), JSON.stringify(hashes, null, 1));
}

/** Delete the checksums: the files change while a run trains. */
export function removeRunChecksums(run: string): void {
  rmSync(checksumsFile(run), { force: true });
}

/**
 * Check a file against its recorded checksum. A run that is training, or was killed, has no checksums and passes.
 * @throws UserError if the file has changed
 */
export function checkRunFile(run: string, file: RunFile): void {
  if (!existsSync(checksumsFile(run))) return;
  const expected = (readJsonFile(checksumsFile(run), 'train again') as Partial<Record<RunFile, string>>)[file];
  const path = join(run, file);
  if (expected === undefined || (existsSync(path) && hashOfFile(path) === expected)) return;
  throw new UserError(
    `${path}: has changed since it was saved (its checksum differs). Restore it, or train again in another folder.`,
  );
}
