import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../checks/error.js';
import { writeFileAtomic } from './atomic.js';
import { hashOfFile } from './checksums.js';
import { readJsonFile } from './json-file.js';

/** Files of a run beside its checkpoints and embeddings, which have lists of their own. */
const files = ['manifest.json', 'metrics.jsonl', 'best.json', 'report.html', 'trained-on.json'] as const;
export type RunFile = (typeof files)[number];

const listOf = (run: string) => join(run, 'checksums.json');

/** Write the SHA-256 of a run's files into `checksums.json`, once it has ended or was stopped. */
export function listRun(run: string): void {
  const there = files.filter((file) => existsSync(join(run, file)));
  const hashes = Object.fromEntries(there.map((file) => [file, hashOfFile(join(run, file))]));
  writeFileAtomic(listOf(run), JSON.stringify(hashes, null, 1));
}

/** Forget the checksums: while a run trains its files change. */
export function unlistRun(run: string): void {
  rmSync(listOf(run), { force: true });
}

/** @throws UserError when a file is not the one that was listed; a run that is training, or was killed, has no list */
export function checkListed(run: string, file: RunFile): void {
  if (!existsSync(listOf(run))) return;
  const expected = (readJsonFile(listOf(run), 'train again') as Partial<Record<RunFile, string>>)[file];
  const path = join(run, file);
  if (expected === undefined || (existsSync(path) && hashOfFile(path) === expected)) return;
  throw new UserError(
    `${path}: is not what was saved (its checksum differs). Restore it, or train again in another folder.`,
  );
}
