import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Split } from '../../data/types.js';
import type { Row, TaskResult } from '../../evaluate/task-result.js';
import { writeFileAtomic } from '../../store/atomic.js';
import { valueHash } from '../../store/content-hash.js';
import { readJsonFile } from '../../store/json-file.js';
import type { Answered } from '../../tasks/kinds/index.js';
import { type Provenance, provenanceDifference, type StudyProvenance } from '../../train/run/provenance.js';
import type { StudyData } from '../studies/study-data.js';
import type { Cost } from './cost.js';
import { TRIAL, TRIALS, withNamesOfToday } from './older-files.js';

/** What a trial is filed under: a finished trial of the same provenance is never run again. */
export type TrialProvenance = StudyProvenance & Pick<Provenance, 'config'>;

/** One row with one seed: all that a process needs to train and measure it, as a plain record. */
export interface Trial {
  row: string;
  seed: number;
  data: StudyData;
  split: Split;
  tasks: readonly string[];
  provenance: TrialProvenance;
  /** Parts of the provenance that may differ when a run resumes. */
  allow: readonly string[];
  /** Of a trial that trains nothing: which change (`weightChanges`) of what the trial `of` trained, a folder beside its own. */
  weights?: { change: string; of: string };
}

/** What a trial came to. */
export interface TrialResult {
  /** Hash of the loss of every step: equal ones were trained alike to the bit. Absent in results of earlier versions. */
  training?: string;
  tasks: Pick<TaskResult, 'name' | 'kind' | 'query' | 'gallery' | 'products' | 'n' | 'items' | 'chance'>[];
  /** A query of a task each. */
  rows: Answer[];
  cost: Cost;
}

/** How one query fared. */
export type Answer = Answered & Pick<Row, 'task' | 'query' | 'product' | 'gold'>;

/** Name of the file that is there once a trial is finished, for these queries. */
const resultFile = (folder: string, { split, tasks }: Pick<Trial, 'split' | 'tasks'>) =>
  join(folder, `result-${split}-${valueHash(tasks).slice(0, 8)}.json`);

/**
 * The folder of a trial below a study's: one of the same provenance where there is one (but for what the trial allows), else a new one.
 * Trials of another provenance stay beside it.
 */
export function trialFolder(study: string, trial: Trial): string {
  const trials = join(study, TRIALS);
  const start = `${trial.row.replaceAll(/[^\w.=-]+/g, '-')}-${trial.seed}-`;
  const { change } = trial.weights ?? {};
  const own = join(trials, start + valueHash(change ? [trial.provenance, change] : trial.provenance).slice(0, 12));
  if (existsSync(join(own, TRIAL)) || !existsSync(trials)) return own;
  const known = readdirSync(trials).filter((name) => name.startsWith(start) && existsSync(join(trials, name, TRIAL)));
  // The config is what a trial is.
  const allow = trial.allow.filter((part) => part !== 'config');
  const near = known.find((name) => {
    const was = readTrial(join(trials, name));
    const isSame = was.row === trial.row && was.weights?.change === change;
    return isSame && !provenanceDifference(was.provenance, trial.provenance, allow);
  });
  return near ? join(trials, near) : own;
}

/** Write what a process is to do; a run that is there already keeps its own provenance. */
export function writeTrial(folder: string, trial: Trial): void {
  writeFileAtomic(join(folder, TRIAL), `${JSON.stringify(trial, null, 2)}\n`);
}

export function readTrial(folder: string): Trial {
  return withNamesOfToday(readJsonFile(join(folder, TRIAL), 'give the folder of a trial')) as Trial;
}

export function writeResult(folder: string, trial: Trial, result: TrialResult): void {
  writeFileAtomic(resultFile(folder, trial), JSON.stringify(result));
}

/** The result of a trial that is finished; undefined for another. */
export function readResult(folder: string, trial: Pick<Trial, 'split' | 'tasks'>): TrialResult | undefined {
  const file = resultFile(folder, trial);
  return existsSync(file) ? (readJsonFile(file, 'delete it: the trial is measured again') as TrialResult) : undefined;
}
