import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../store/atomic.js';
import { readJsonFile } from '../../store/json-file.js';

/** Names of the files in a study's folder, and the migration of folders that earlier versions wrote. */

/** Field names in files of earlier versions, and their current names. */
const renamed = new Map([
  ['ground', 'provenance'],
  ['cells', 'trials'],
]);

/** The content of a study's JSON file with current field names. */
export function withCurrentNames(content: unknown): unknown {
  const entries = Object.entries(content as Record<string, unknown>);
  return Object.fromEntries(entries.map(([name, value]) => [renamed.get(name) ?? name, value]));
}

/** The folder of all trials inside a study's folder, and the file inside a trial's folder that describes it. */
export const TRIALS = 'trials';
export const TRIAL = 'trial.json';

/** The file with the step time of each row, for a study with a budget in seconds. */
export const STEP_TIMES = 'step-times.json';

/** Rename the folders and files of a study of an earlier version, so that its trials are found. */
export function migrateStudy(study: string): void {
  const times = join(study, 'paces.json');
  if (existsSync(times)) renameSync(times, join(study, STEP_TIMES));
  const [before, now] = ['cells', TRIALS].map((name) => join(study, name));
  if (!existsSync(before) || existsSync(now)) return;
  for (const name of readdirSync(before)) {
    const file = join(before, name, 'cell.json');
    if (existsSync(file)) renameSync(file, join(before, name, TRIAL));
  }
  renameSync(before, now);
  const manifest = join(study, 'study.json');
  if (!existsSync(manifest)) return;
  const content = withCurrentNames(readJsonFile(manifest, 'run the study again')) as { trials: { folder: string }[] };
  const trials = content.trials.map((trial) => ({ ...trial, folder: trial.folder.replace(/^cells/, TRIALS) }));
  writeFileAtomic(manifest, `${JSON.stringify({ ...content, trials }, null, 2)}\n`);
}
