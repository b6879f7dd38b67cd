import { existsSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { UserError, wrongOption } from '../../checks/error.js';
import { checkTrainingImages } from '../../config/needed-images.js';
import { withSteps } from '../../config/with-steps.js';
import { countFound, type Found } from '../../data/found.js';
import { headlineTask, tasksOf } from '../../datasets/tasks.js';
import { startEngine } from '../../engine/engine.js';
import { longCall } from '../../engine/long-call.js';
import { settings } from '../../engine/settings.js';
import { lockFolder } from '../../store/folder-lock.js';
import { checkAllowed, studyProvenance } from '../../train/run/provenance.js';
import type { ContrastOptions } from '../report/contrast.js';
import { stepsIn } from '../studies/budget.js';
import { type PlannedRow, planRows, type Study } from '../studies/study.js';
import { nameOfData, openStudyData, withWholePath } from '../studies/study-data.js';
import { type RayOptions, runOnRay } from './ray.js';
import { type RunCells, runHere, runInProcesses } from './run-trials.js';
import { measurePaces } from './step-time.js';
import { checkSameData, extendedBy, type StudyManifest, writeStudy } from './study-folder.js';
import { readStudyResult, type StudyResult } from './study-result.js';
import { type Cell, cellFolder, readCell, readResult, writeCell } from './trial.js';
import type { CellMessage, CellOutcome } from './trial-messages.js';

/**
 * Where cells run: in processes of this machine, which share out its threads (default: a worker a core); on a Ray cluster; or in this
 * very process, one after the other.
 */
export type Where =
  | { kind: 'processes'; workers?: number; threads?: number; entry?: string }
  | ({ kind: 'ray'; threads?: number } & RayOptions)
  | { kind: 'here' };

export interface StudyOptions extends ContrastOptions {
  /** Folder of the study; the same study in the same folder goes on. */
  out: string;
  /** Default `processes`. */
  on?: Where;
  /** Parts of the provenance (`code`, `tensorflow` ...) by which finished cells may differ from what would be made now. */
  allow?: readonly string[];
  /** Told what was found of the data, before anything trains. */
  onFound?: (found: Found) => void;
  /** Told how far a cell is. */
  onProgress?: (cell: CellName, progress: CellMessage & { kind: 'progress' }) => void;
  /** Told of a cell that ended; `found` is one that was finished before. */
  onEnd?: (cell: CellName, outcome: CellOutcome | { kind: 'found' }) => void;
  /** Stops after the running steps; what was trained is kept. */
  signal?: AbortSignal;
}

export interface CellName {
  row: string;
  seed: number;
}

/** A study that ran to its end or was stopped, with the cells that failed. */
export interface StudyRun extends StudyResult {
  failed: (CellName & { why: string })[];
}

/**
 * Train and measure every cell of a study that is not finished yet, and make its tables. A cell that fails is named in `failed`, and
 * the rest go on.
 * @throws UserError before anything trains, for a study or a folder that is not in order; when a notebook's interrupt stopped it
 */
export async function runStudy(study: Study, options: StudyOptions): Promise<StudyRun> {
  return longCall(options.signal, async ({ signal, show, interrupted }) => {
    const run = await runAllCells(study, {
      ...options,
      signal,
      onProgress(cell, progress) {
        const { kind: _, ...how } = progress;
        show({ ...how, label: `${cell.row}, seed ${cell.seed}: ${how.label}` });
        options.onProgress?.(cell, progress);
      },
    });
    if (!interrupted()) return run;
    throw new UserError(
      `Interrupted with ${run.unfinished.length} trials to go. The same call resumes them, in ${options.out}.`,
    );
  });
}

async function runAllCells(study: Study, options: StudyOptions): Promise<StudyRun> {
  const { out, on = { kind: 'processes' }, allow = [], onFound, onProgress, onEnd, signal, draws, flips } = options;
  const rows = planRows(study);
  checkAllowed(allow, ['config']);
  const { run, threads } = placeOf(on);
  const catalogue = await openStudyData(study.data);
  const found = countFound(catalogue);
  onFound?.(found);
  for (const { config } of rows) checkTrainingImages(config, found);
  const tasks = [...(study.tasks ?? [headlineTask(catalogue)])];
  tasksOf({ catalogue, split: study.split }, tasks);
  await startEngine();
  const provenance = studyProvenance(catalogue, threads);
  checkSameData(out, provenance, nameOfData(study.data));
  mkdirSync(out, { recursive: true });
  const lock = await lockFolder(out);
  try {
    const names = new Map<string, CellName>();
    const watch = {
      signal,
      onProgress: (folder: string, progress: CellMessage & { kind: 'progress' }) =>
        onProgress?.(names.get(folder) ?? { row: 'pace', seed: 0 }, progress),
    };
    const planned =
      study.budget.kind === 'items'
        ? rows
        : withinTime(rows, study.budget.seconds, await measurePaces(out, study, rows, provenance, run, watch));
    const { split } = study;
    const data = withWholePath(study.data);
    const cells = study.seeds.flatMap((seed) =>
      planned.map(({ name, config }): Cell => {
        const own = { ...provenance, config: { ...config, seed } };
        return { row: name, seed, data, split, tasks, provenance: own, allow };
      }),
    );
    const folders = cells.map((cell) => {
      const folder = cellFolder(out, cell);
      const begun = existsSync(join(folder, 'cell.json'));
      writeCell(folder, begun ? { ...cell, provenance: readCell(folder).provenance } : cell);
      names.set(folder, cell);
      return folder;
    });
    const own = folders.map((each) => relative(out, each));
    writeStudy(
      out,
      extendedBy(out, manifestOf(study, { rows: planned, tasks, found, provenance, cells, folders: own })),
    );
    const isDone = (folder: string) => readResult(folder, { split: study.split, tasks }) !== undefined;
    for (const folder of folders.filter(isDone)) onEnd?.(names.get(folder)!, { kind: 'found' });
    const failed: StudyRun['failed'] = [];
    await run(
      folders.filter((folder) => !isDone(folder)),
      {
        ...watch,
        onEnd(folder, outcome) {
          const { row, seed } = names.get(folder)!;
          if (outcome.kind === 'failed') failed.push({ row, seed, why: outcome.why });
          onEnd?.({ row, seed }, outcome);
        },
      },
    );
    return { ...readStudyResult(out, { draws, flips }), failed };
  } finally {
    lock.release();
  }
}

/** Every row with as many updates as its pace allows. */
function withinTime(rows: PlannedRow[], seconds: number, paces: ReadonlyMap<string, number>): PlannedRow[] {
  return rows.map((row) => ({ ...row, config: withSteps(row.config, stepsIn(seconds, paces.get(row.name)!)) }));
}

/** What runs the cells, and the threads of each. */
function placeOf(on: Where): { run: RunCells; threads: number } {
  if (on.kind === 'here') return { run: runHere, threads: settings.threads };
  const { threads } = on;
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0))
    throw wrongOption('threads', threads, 'a whole number of at least 1');
  if (on.kind === 'ray') return { run: runOnRay(threads ?? 1, on), threads: threads ?? 1 };
  const { workers = Math.max(1, Math.floor(settings.threads / (threads ?? 1))) } = on;
  if (!Number.isInteger(workers) || workers < 1) throw wrongOption('workers', workers, 'a whole number of at least 1');
  const each = threads ?? Math.max(1, Math.floor(settings.threads / workers));
  return { run: runInProcesses(workers, each, on.entry), threads: each };
}

function manifestOf(
  { name, prediction, factors = {}, seeds, data, budget, split }: Study,
  made: Pick<StudyManifest, 'rows' | 'tasks' | 'found' | 'provenance'> & {
    cells: readonly Cell[];
    folders: readonly string[];
  },
): StudyManifest {
  const { rows, tasks, found, provenance, cells, folders } = made;
  return {
    name,
    ...(prediction === undefined ? {} : { prediction }),
    rows,
    factors: Object.keys(factors),
    seeds: [...seeds],
    data,
    found,
    provenance,
    budget,
    split,
    tasks,
    cells: cells.map(({ row, seed }, at) => ({ row, seed, folder: folders[at] })),
  };
}
