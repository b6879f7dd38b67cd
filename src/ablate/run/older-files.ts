import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../store/atomic.js';
import { readJsonFile } from '../../store/json-file.js';

/** An earlier moon-lab wrote `ground` for `provenance`, and `cells` for `trials`. */
const renamed = new Map([
  ['ground', 'provenance'],
  ['cells', 'trials'],
]);

/** What a study's file says, under the names of today. */
export function withNamesOfToday(said: unknown): unknown {
  const entries = Object.entries(said as Record<string, unknown>);
  return Object.fromEntries(entries.map(([name, value]) => [renamed.get(name) ?? name, value]));
}

/** The folder of trials below a study's, and the file that says what a trial is. */
export const TRIALS = 'trials';
export const TRIAL = 'trial.json';

/** Seconds of a step of each row of a study with a budget in time. */
export const STEP_TIMES = 'step-times.json';

/** Give the folders and files of a study of an earlier moon-lab their names of today; its trials are found again then. */
export function renewStudy(study: string): void {
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
  const said = withNamesOfToday(readJsonFile(manifest, 'run the study again')) as { trials: { folder: string }[] };
  const trials = said.trials.map((trial) => ({ ...trial, folder: trial.folder.replace(/^cells/, TRIALS) }));
  writeFileAtomic(manifest, `${JSON.stringify({ ...said, trials }, null, 2)}\n`);
}
