import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { UserError, wrongOption } from '../../checks/error.js';
import type { RayOptions } from '../../cluster/ray.js';
import { checkTrainingImages } from '../../config/needed-images.js';
import { withSteps } from '../../config/with-steps.js';
import { countFound, type Found } from '../../data/found.js';
import { headlineTask, tasksOf } from '../../datasets/tasks.js';
import { requirePublishedParts } from '../../encoder/published-parts.js';
import { startEngine } from '../../engine/engine.js';
import { longCall } from '../../engine/long-call.js';
import { settings } from '../../engine/settings.js';
import type { ContrastOptions } from '../../evaluate/contrast/contrast.js';
import { lockFolder } from '../../store/folder-lock.js';
import { checkAllowed, studyProvenance } from '../../train/run/provenance.js';
import { checkFrozenNumbers } from '../../train/tuning/tuning.js';
import { stepsIn } from '../studies/budget.js';
import type { PlannedRow } from '../studies/planned-rows.js';
import { planRows, type Study } from '../studies/study.js';
import { nameOfData, openStudyData, withAbsolutePath } from '../studies/study-data.js';
import { migrateStudy, TRIALS } from './older-files.js';
import { type PlacedTrial, placeTrials } from './place-trials.js';
import { type RunTrials, runHere, runInProcesses, runTrialsOnRay } from './run-trials.js';
import { measureStepTimes } from './step-time.js';
import { checkSameData, mergedWithFolder, type StudyManifest, writeStudy } from './study-folder.js';
import { readStudyResult, type StudyResult } from './study-result.js';
import { needsOf, readResult } from './trial.js';
import type { TrialMessage, TrialOutcome } from './trial-messages.js';

/**
 * Where trials run: in parallel processes on this machine, which share its threads (default: one worker per thread); on a Ray cluster; or
 * one after the other in this process.
 */
export type Placement =
  | { kind: 'processes'; workers?: number; threads?: number; entry?: string }
  | ({ kind: 'ray'; threads?: number } & RayOptions)
  | { kind: 'here' };

export interface StudyOptions extends ContrastOptions {
  /** Folder of the study. The same study in the same folder resumes. */
  out: string;
  /** Default: `processes`. */
  on?: Placement;
  /** Parts of the provenance (`code`, `tensorflow` ...) that may differ in finished trials. */
  allow?: readonly string[];
  /** Receives what was found of the data, before anything trains. */
  onFound?: (found: Found) => void;
  /** Receives the progress of a trial. */
  onProgress?: (trial: TrialName, progress: TrialMessage & { kind: 'progress' }) => void;
  /** Called when a trial ends. `found`: it was finished before this call. */
  onEnd?: (trial: TrialName, outcome: TrialOutcome | { kind: 'found' }) => void;
  /** Stops the study after the running steps; its trials can resume. */
  signal?: AbortSignal;
}

export interface TrialName {
  row: string;
  seed: number;
}

/** The result of a finished or stopped study, with the trials that failed. */
export interface StudyRun extends StudyResult {
  failed: (TrialName & { why: string })[];
}

/**
 * Train and evaluate all unfinished trials of a study, and compute its tables. A failed trial is listed in `failed` and does not stop the
 * others.
 * @throws UserError before anything trains, for an invalid study or folder; and after an interrupt of a notebook
 * @example
 * ```ts
 * const study = { ...moon.readyStudies.negatives, seeds: [1, 2, 3] };
 * const run = await moon.runStudy(study, { out: 'studies/negatives' });
 * console.log(moon.ablate.studyText(run), run.failed);
 * ```
 */
export async function runStudy(study: Study, options: StudyOptions): Promise<StudyRun> {
  return longCall(options.signal, async ({ signal, show, interrupted }) => {
    const run = await runAllTrials(study, {
      ...options,
      signal,
      onProgress(trial, progress) {
        const { kind: _, ...rest } = progress;
        show({ ...rest, label: `${trial.row}, seed ${trial.seed}: ${rest.label}` });
        options.onProgress?.(trial, progress);
      },
    });
    if (!interrupted()) return run;
    throw new UserError(
      `Interrupted with ${run.unfinished.length} trials left. The same call resumes them, in ${options.out}.`,
    );
  });
}

/**
 * Everything that can be known of a study before it trains: its rows, its data, and that they fit each other.
 * @throws UserError for an invalid study, or data that lack what a row shows or a task asks
 */
export async function openStudy(study: Study, onFound?: StudyOptions['onFound']) {
  const rows = planRows(study);
  const catalogue = await openStudyData(study.data);
  const found = countFound(catalogue);
  onFound?.(found);
  for (const { config } of rows) {
    checkTrainingImages(config, found);
    requirePublishedParts(config);
  }
  const tasks = [...(study.tasks ?? [headlineTask(catalogue)])];
  tasksOf({ catalogue, split: study.split }, tasks);
  await startEngine();
  for (const { config } of rows) checkFrozenNumbers(config.tune);
  return { rows, catalogue, found, tasks };
}

async function runAllTrials(study: Study, options: StudyOptions): Promise<StudyRun> {
  const { out, on = { kind: 'processes' }, allow = [], onFound, onProgress, onEnd, signal, draws, flips } = options;
  checkAllowed(allow, ['config']);
  const { run, threads } = runnerOf(on);
  const { rows, catalogue, found, tasks } = await openStudy(study, onFound);
  const provenance = studyProvenance(catalogue, threads);
  checkSameData(out, provenance, nameOfData(study.data));
  mkdirSync(out, { recursive: true });
  const lock = await lockFolder(out);
  migrateStudy(out);
  try {
    const names = new Map<string, TrialName>();
    const watch = {
      signal,
      onProgress: (folder: string, progress: TrialMessage & { kind: 'progress' }) =>
        onProgress?.(names.get(folder) ?? { row: 'step time', seed: 0 }, progress),
    };
    const planned =
      study.budget.kind === 'items'
        ? rows
        : withinTime(rows, study.budget.seconds, await measureStepTimes(out, study, rows, provenance, run, watch));
    const { split, seeds } = study;
    const common = { data: withAbsolutePath(study.data), split, tasks, provenance, allow };
    const placed = placeTrials(out, planned, seeds, common);
    for (const { trial, folder } of placed) names.set(folder, trial);
    writeStudy(out, mergedWithFolder(out, manifestOf(study, { rows: planned, tasks, found, provenance, placed, out })));
    const isDone = (folder: string) => readResult(folder, { split, tasks }) !== undefined;
    for (const { folder } of placed) if (isDone(folder)) onEnd?.(names.get(folder)!, { kind: 'found' });
    const failed: StudyRun['failed'] = [];
    const onEndOf = (folder: string, outcome: TrialOutcome) => {
      const { row, seed } = names.get(folder)!;
      if (outcome.kind === 'failed') failed.push({ row, seed, why: outcome.why });
      onEnd?.({ row, seed }, outcome);
    };
    // Trials that need trained weights of others run after these.
    const tried = new Set<string>();
    for (;;) {
      const isReady = ({ trial, folder }: PlacedTrial) =>
        !tried.has(folder) && !isDone(folder) && needsOf(trial).every((each) => isDone(join(out, TRIALS, each)));
      const ready = placed.filter(isReady).map(({ folder }) => folder);
      if (!ready.length) break;
      for (const folder of ready) tried.add(folder);
      await run(ready, { ...watch, onEnd: onEndOf });
    }
    return { ...readStudyResult(out, { draws, flips }), failed };
  } finally {
    lock.release();
  }
}

/** The rows with as many updates as fit into the time, given their step times. */
function withinTime(rows: PlannedRow[], seconds: number, stepTimes: ReadonlyMap<string, number>): PlannedRow[] {
  return rows.map((row) => ({ ...row, config: withSteps(row.config, stepsIn(seconds, stepTimes.get(row.name)!)) }));
}

/** The function that runs trials, and the number of threads of each trial. */
function runnerOf(on: Placement): { run: RunTrials; threads: number } {
  if (on.kind === 'here') return { run: runHere, threads: settings.threads };
  const { threads } = on;
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0))
    throw wrongOption('threads', threads, 'an integer of at least 1');
  if (on.kind === 'ray') return { run: runTrialsOnRay(threads ?? 1, on), threads: threads ?? 1 };
  const { workers = Math.max(1, Math.floor(settings.threads / (threads ?? 1))) } = on;
  if (!Number.isInteger(workers) || workers < 1) throw wrongOption('workers', workers, 'an integer of at least 1');
  const each = threads ?? Math.max(1, Math.floor(settings.threads / workers));
  return { run: runInProcesses(workers, each, on.entry), threads: each };
}

function manifestOf(
  { name, prediction, factors = {}, experts, seeds, data, budget, split }: Study,
  made: Pick<StudyManifest, 'rows' | 'tasks' | 'found' | 'provenance'> & {
    placed: readonly PlacedTrial[];
    out: string;
  },
): StudyManifest {
  const { rows, tasks, found, provenance, placed, out } = made;
  return {
    name,
    ...(prediction === undefined ? {} : { prediction }),
    rows,
    factors: Object.keys(factors),
    ...(experts && { experts }),
    seeds: [...seeds],
    data,
    found,
    provenance,
    budget,
    split,
    tasks,
    trials: placed.map(({ trial: { row, seed }, folder }) => ({ row, seed, folder: relative(out, folder) })),
  };
}
