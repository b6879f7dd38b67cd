import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { PlannedRow } from '../studies/study.js';
import { TRIAL } from './older-files.js';
import { readTrial, type Trial, type TrialProvenance, trialFolder, writeTrial } from './trial.js';

/** A trial and its folder. */
export interface FiledTrial {
  trial: Trial;
  folder: string;
}

/** What all trials of a study have in common. */
type Common = Pick<Trial, 'data' | 'split' | 'tasks' | 'allow'> & { provenance: Omit<TrialProvenance, 'config'> };

/** A trial of each row and seed, seed by seed, filed below the study's folder. A trial that is there keeps its own provenance. */
export function fileTrials(
  study: string,
  rows: readonly PlannedRow[],
  seeds: readonly number[],
  common: Common,
): FiledTrial[] {
  return seeds.flatMap((seed) => {
    const [base, ...others] = rows;
    const first = fileTrial(study, base, seed, common);
    return [first, ...others.map((row) => fileTrial(study, row, seed, common, basename(first.folder)))];
  });
}

/** @param base name of the folder whose weights the row changes */
function fileTrial(
  study: string,
  { name: row, config, weights: change }: PlannedRow,
  seed: number,
  { provenance, ...common }: Common,
  base?: string,
): FiledTrial {
  const weights = change !== undefined && base !== undefined ? { weights: { change, of: base } } : {};
  const trial: Trial = { row, seed, ...common, provenance: { ...provenance, config: { ...config, seed } }, ...weights };
  const folder = trialFolder(study, trial);
  const begun = existsSync(join(folder, TRIAL));
  writeTrial(folder, begun ? { ...trial, provenance: readTrial(folder).provenance } : trial);
  return { trial, folder };
}
