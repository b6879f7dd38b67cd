import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Split } from '../../data/types.js';
import type { Row, TaskResult } from '../../evaluate/task-result.js';
import { writeFileAtomic } from '../../store/atomic.js';
import { valueHash } from '../../store/content-hash.js';
import { readJsonFile } from '../../store/json-file.js';
import type { Answered } from '../../tasks/kinds/index.js';
import { type Provenance, provenanceDifference, type StudyProvenance } from '../../train/run/provenance.js';
import { isSame, type PlannedMerge } from '../studies/planned-rows.js';
import type { StudyData } from '../studies/study-data.js';
import type { Cost } from './cost.js';
import { TRIAL, TRIALS, withCurrentNames } from './older-files.js';

/** The provenance that identifies a trial: a finished trial with the same provenance never runs again. */
export type TrialProvenance = StudyProvenance & Pick<Provenance, 'config'>;

/** One row with one seed: a plain record of all that a process needs to train and evaluate it. */
export interface Trial {
  row: string;
  seed: number;
  data: StudyData;
  split: Split;
  tasks: readonly string[];
  provenance: TrialProvenance;
  /** Parts of the provenance that may differ when the trial resumes. */
  allow: readonly string[];
  /** Set for a trial that trains nothing: a change (one of `weightChanges`) of the weights of trial `of`, the name of a sibling folder. */
  weights?: { change: string; of: string };
  /** Set for a trial that trains nothing: the weights of the trials `of` are merged, which were tuned from trial `base`. All are sibling folders. */
  merge?: Pick<PlannedMerge, 'option' | 'tensors'> & { of: readonly string[]; base: string };
  /** Set for a trial that starts from the trained weights of this sibling folder. */
  from?: string;
}

/** The sibling folders whose trained weights a trial needs. */
export const needsOf = ({ weights, merge, from }: Trial): string[] => [
  ...(weights ? [weights.of] : []),
  ...(merge ? [merge.base, ...merge.of] : []),
  ...(from === undefined ? [] : [from]),
];

/** The result of a trial. */
export interface TrialResult {
  /** Hash of the loss of every step: equal hashes mean bit-identical training. Absent if nothing was trained, and in results of earlier versions. */
  training?: string;
  tasks: Pick<TaskResult, 'name' | 'title' | 'kind' | 'query' | 'gallery' | 'products' | 'n' | 'items' | 'chance'>[];
  /** One answer per query and task. */
  rows: Answer[];
  cost: Cost;
  /** For a trial that starts from trained weights: how far it moved from them, the L2 norm of the difference over that of the weights. */
  moved?: number;
  /** Means of the measures of training over its last updates (`lastMeasures`). Absent if nothing was trained. */
  measures?: Record<string, number>;
}

/** The answer to one query. */
export type Answer = Answered & Pick<Row, 'task' | 'query' | 'product' | 'gold'>;

/** The file with the result of a trial on these tasks, which exists once the trial is finished. */
const resultFile = (folder: string, { split, tasks }: Pick<Trial, 'split' | 'tasks'>) =>
  join(folder, `result-${split}-${valueHash(tasks).slice(0, 8)}.json`);

/**
 * The folder of a trial: an existing one with the same provenance (except for the parts in `allow`), else a new one. Trials with other
 * provenance keep their own folders.
 */
export function trialFolder(study: string, trial: Trial): string {
  const trials = join(study, TRIALS);
  const start = `${trial.row.replaceAll(/[^\w.=-]+/g, '-')}-${trial.seed}-`;
  const weights = weightsOf(trial);
  const own = join(trials, start + valueHash(weights ? [trial.provenance, weights] : trial.provenance).slice(0, 12));
  if (existsSync(join(own, TRIAL)) || !existsSync(trials)) return own;
  const known = readdirSync(trials).filter((name) => name.startsWith(start) && existsSync(join(trials, name, TRIAL)));
  // The config defines the trial and must not differ.
  const allow = trial.allow.filter((part) => part !== 'config');
  const near = known.find((name) => {
    const was = readTrial(join(trials, name));
    const isSameRow = was.row === trial.row && isSame(weightsOf(was), weights);
    return isSameRow && !provenanceDifference(was.provenance, trial.provenance, allow);
  });
  return near ? join(trials, near) : own;
}

/** Where a trial's weights come from, if it does not train them from the start. */
const weightsOf = ({ weights, merge, from }: Trial) => weights?.change ?? merge ?? from;

/** Write the description of a trial into its folder. */
export function writeTrial(folder: string, trial: Trial): void {
  writeFileAtomic(join(folder, TRIAL), `${JSON.stringify(trial, null, 2)}\n`);
}

export function readTrial(folder: string): Trial {
  return withCurrentNames(readJsonFile(join(folder, TRIAL), 'give the folder of a trial')) as Trial;
}

export function writeResult(folder: string, trial: Trial, result: TrialResult): void {
  writeFileAtomic(resultFile(folder, trial), JSON.stringify(result));
}

/** The result of a finished trial; undefined for an unfinished one. */
export function readResult(folder: string, trial: Pick<Trial, 'split' | 'tasks'>): TrialResult | undefined {
  const file = resultFile(folder, trial);
  return existsSync(file)
    ? (readJsonFile(file, 'delete it, and the trial is evaluated again') as TrialResult)
    : undefined;
}
