import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { PlannedRow } from '../studies/planned-rows.js';
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
    const placed = new Map<string, PlacedTrial>();
    for (const row of rows) placed.set(row.name, placeTrial(study, row, seed, common, folderIn(placed)));
    return [...placed.values()];
  });
}

/** Names of the folders of rows that stand before. */
const folderIn = (placed: ReadonlyMap<string, PlacedTrial>) => (row: string) => basename(placed.get(row)!.folder);

function placeTrial(
  study: string,
  { name: row, config, weights, merge, from }: PlannedRow,
  seed: number,
  { provenance, ...common }: Common,
  folderOf: (row: string) => string,
): PlacedTrial {
  const trial: Trial = {
    row,
    seed,
    ...common,
    provenance: { ...provenance, config: { ...config, seed } },
    ...(weights !== undefined && { weights: { change: weights, of: folderOf('base') } }),
    ...(merge && { merge: { ...merge, of: merge.of.map(folderOf), base: folderOf('base') } }),
    ...(from !== undefined && { from: folderOf(from) }),
  };
  const folder = trialFolder(study, trial);
  const exists = existsSync(join(folder, TRIAL));
  writeTrial(folder, exists ? { ...trial, provenance: readTrial(folder).provenance } : trial);
  return { trial, folder };
}
