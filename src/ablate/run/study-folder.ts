import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import type { Found } from '../../data/found.js';
import type { Split } from '../../data/types.js';
import { writeFileAtomic } from '../../store/atomic.js';
import { readJsonFile } from '../../store/json-file.js';
import type { StudyProvenance } from '../../train/run/provenance.js';
import type { FinishedRow } from '../report/study-table.js';
import type { Budget } from '../studies/budget.js';
import { isSame, type PlannedRow } from '../studies/planned-rows.js';
import type { StudyData } from '../studies/study-data.js';
import { migrateStudy, withCurrentNames } from './older-files.js';
import { readResult, type TrialResult } from './trial.js';

/** The manifest in a study's folder: enough to compute its tables again without the study's code. */
export interface StudyManifest {
  name: string;
  prediction?: string;
  /** The base first. */
  rows: PlannedRow[];
  factors: string[];
  experts?: Readonly<Record<string, string>>;
  seeds: number[];
  data: StudyData;
  /** What was found of the data before anything trained. The manifest of each run records what that run found. */
  found?: Found;
  provenance: StudyProvenance;
  budget: Budget;
  split: Split;
  /** Rows are compared by the first. */
  tasks: string[];
  /** One trial per row and seed, with its folder relative to the study's. */
  trials: { row: string; seed: number; folder: string }[];
}

const file = (folder: string) => join(folder, 'study.json');

export function writeStudy(folder: string, manifest: StudyManifest): void {
  writeFileAtomic(file(folder), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Read the manifest of a study, also of earlier versions. @throws UserError if the folder holds no study */
export function readStudy(folder: string): StudyManifest {
  if (!existsSync(file(folder)))
    throw new UserError(
      `${folder}: holds no study (there is no study.json). Give a folder that moon-lab ablate wrote.`,
    );
  migrateStudy(folder);
  return withCurrentNames(readJsonFile(file(folder), 'run the study again')) as StudyManifest;
}

/** @throws UserError if the folder holds a study of other data */
export function checkSameData(folder: string, provenance: StudyProvenance, data: string): void {
  if (!existsSync(file(folder))) return;
  const was = readStudy(folder);
  if (was.provenance.data !== provenance.data)
    throw new UserError(
      `${folder}: holds study '${was.name}' of other data than ${data}. Choose another --out, or use the data that it was started with.`,
    );
}

/**
 * Merge a manifest with the one in the study's folder: rows, seeds and trials of earlier calls stay, if base, budget, queries and provenance
 * are the same; a row with a changed config is replaced. Otherwise the new manifest replaces the old one. Old trials stay on disk.
 */
export function mergedWithFolder(folder: string, now: StudyManifest): StudyManifest {
  if (!existsSync(file(folder))) return now;
  const was = readStudy(folder);
  const common = ({ provenance, budget, split, tasks, rows }: StudyManifest) => [
    provenance,
    budget,
    split,
    tasks,
    rows[0].config,
  ];
  if (!isSame(common(was), common(now))) return now;
  const earlier = was.rows.filter((row) => {
    const same = now.rows.find(({ name }) => name === row.name);
    return !same || isSame(contentOf(same), contentOf(row));
  });
  const known = (name: string) => earlier.some((row) => row.name === name);
  const trialsOfNow = new Set(now.trials.map(({ folder: own }) => own));
  return {
    ...was,
    ...now,
    rows: [...earlier, ...now.rows.filter(({ name }) => !known(name))],
    factors: now.factors.length ? now.factors : was.factors,
    seeds: [...new Set([...was.seeds, ...now.seeds])],
    trials: [...was.trials.filter((trial) => known(trial.row) && !trialsOfNow.has(trial.folder)), ...now.trials],
  };
}

const contentOf = ({ config, weights, merge, from }: PlannedRow) => [config, weights, merge, from];

/** The rows of a study with the results of their finished trials. */
export function finishedRows(folder: string, { rows, trials, split, tasks }: StudyManifest): FinishedRow[] {
  return rows.map((row) => ({
    ...row,
    results: new Map(
      trials
        .filter((trial) => trial.row === row.name)
        .flatMap(({ seed, folder: own }): [number, TrialResult][] => {
          const result = readResult(join(folder, own), { split, tasks });
          return result ? [[seed, result]] : [];
        }),
    ),
  }));
}
