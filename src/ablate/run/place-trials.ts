import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { PlannedMerge, PlannedRow } from '../studies/planned-rows.js';
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
  const placed = seeds.map(() => new Map<string, PlacedTrial>());
  // Row by row, since a row may need earlier ones of all seeds.
  for (const row of rows)
    for (const [at, seed] of seeds.entries()) {
      const folderOf = (name: string, later = 0) => basename(placed[(at + later) % seeds.length].get(name)!.folder);
      placed[at].set(row.name, placeTrial(study, row, seed, common, folderOf));
    }
  return placed.flatMap((own) => [...own.values()]);
}

function placeTrial(
  study: string,
  { name: row, config, weights, merge, from }: PlannedRow,
  seed: number,
  { provenance, ...common }: Common,
  folderOf: (row: string, seedsLater?: number) => string,
): PlacedTrial {
  const trial: Trial = {
    row,
    seed,
    ...common,
    provenance: { ...provenance, config: { ...config, seed } },
    ...(weights !== undefined && { weights: { change: weights, of: folderOf('base') } }),
    ...(merge && { merge: { ...merge, of: mergedFolders(merge, folderOf), base: folderOf('base') } }),
    ...(from !== undefined && { from: folderOf(from) }),
  };
  const folder = trialFolder(study, trial);
  const exists = existsSync(join(folder, TRIAL));
  writeTrial(folder, exists ? { ...trial, provenance: readTrial(folder).provenance } : trial);
  return { trial, folder };
}

/** The folders of merged rows, each of the row's own seed or of the seeds after it. */
const mergedFolders = ({ of, otherSeeds }: PlannedMerge, folderOf: (row: string, seedsLater?: number) => string) =>
  of.map((row, at) => folderOf(row, otherSeeds ? at + 1 : 0));
