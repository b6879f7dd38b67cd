import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { PlannedRow } from '../studies/study.js';
import { TRIAL } from './older-files.js';
import { readTrial, type Trial, type TrialProvenance, trialFolder, writeTrial } from './trial.js';

/** A trial and its folder. */
export interface PlacedTrial {
  trial: Trial;
  folder: string;
}

/** The fields that all trials of a study share. */
type Common = Pick<Trial, 'data' | 'split' | 'tasks' | 'allow'> & { provenance: Omit<TrialProvenance, 'config'> };

/** Write a trial folder for each row and seed, ordered by seed. A trial whose folder exists keeps its provenance. */
export function placeTrials(
  study: string,
  rows: readonly PlannedRow[],
  seeds: readonly number[],
  common: Common,
): PlacedTrial[] {
  return seeds.flatMap((seed) => {
    const [base, ...others] = rows;
    const first = placeTrial(study, base, seed, common);
    return [first, ...others.map((row) => placeTrial(study, row, seed, common, basename(first.folder)))];
  });
}

/** @param base name of the base's folder, whose weights the row may change */
function placeTrial(
  study: string,
  { name: row, config, weights: change }: PlannedRow,
  seed: number,
  { provenance, ...common }: Common,
  base?: string,
): PlacedTrial {
  const weights = change !== undefined && base !== undefined ? { weights: { change, of: base } } : {};
  const trial: Trial = { row, seed, ...common, provenance: { ...provenance, config: { ...config, seed } }, ...weights };
  const folder = trialFolder(study, trial);
  const exists = existsSync(join(folder, TRIAL));
  writeTrial(folder, exists ? { ...trial, provenance: readTrial(folder).provenance } : trial);
  return { trial, folder };
}
