import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { wrongOption } from '../../checks/error.js';
import { startEngine } from '../../engine/engine.js';
import { longCall } from '../../engine/long-call.js';
import { writeFileAtomic } from '../../store/atomic.js';
import { valueHash } from '../../store/content-hash.js';
import { lockFolder } from '../../store/folder-lock.js';
import { readJsonFile } from '../../store/json-file.js';
import { writeTables } from '../report/study-page.js';
import { taskTable } from '../report/study-table.js';
import type { StudyManifest } from './study-folder.js';
import { measuresOf, type StudyResult } from './study-result.js';
import type { Answer, TrialResult } from './trial.js';

/** A row of one seed: its answers by task, and the numbers that it trains or stores. */
export interface SeedRow {
  name: string;
  tasks: Record<string, Answer[]>;
  parameters: number;
  /** What else was measured, by name. */
  measures?: Record<string, number>;
}

/** A study whose rows are not changes of a config: a function gives all rows of a seed, the base first. */
export interface SeedStudy<Row extends SeedRow> {
  /** What the manifest says of it. */
  about: Pick<StudyManifest, 'name' | 'prediction' | 'data' | 'provenance' | 'budget' | 'split'>;
  /** All that the rows depend on beside the data: seeds of other settings stay on disk, and are not read. */
  settings: unknown;
  /** The tasks in the order of tables, the headline first. @param rows of the first seed */
  tasksOf(rows: readonly Row[]): TrialResult['tasks'];
  runSeed(seed: number, say: Say, signal: AbortSignal): Promise<Row[]>;
}

export type Say = (label: string, done: number, total: number) => void;

export interface SeedStudyOptions {
  /** Folder of the study. The same call resumes: a finished seed is not computed again. */
  out: string;
  seeds?: readonly number[];
  onProgress?: (progress: { label: string; done: number; total: number }) => void;
  signal?: AbortSignal;
}

/**
 * Run the seeds of such a study that are not finished, and write its tables into the folder.
 * @param open makes the study once the folder is locked
 * @throws UserError for repeated seeds, or none
 */
export async function runSeedStudy<Row extends SeedRow>(
  open: (say: Say, signal: AbortSignal) => SeedStudy<Row> | Promise<SeedStudy<Row>>,
  { out, seeds = [1, 2, 3], onProgress, signal }: SeedStudyOptions,
): Promise<StudyResult> {
  if (!seeds.length || new Set(seeds).size < seeds.length)
    throw wrongOption('seeds', seeds, 'one or more different seeds');
  return longCall(signal, async (call) => {
    const say: Say = (label, done, total) => {
      call.show({ label, done, total });
      onProgress?.({ label, done, total });
    };
    await startEngine();
    mkdirSync(out, { recursive: true });
    const lock = await lockFolder(out);
    try {
      const study = await open(say, call.signal);
      const key = valueHash([study.about.provenance, study.settings]).slice(0, 8);
      const fileOf = (seed: number) => join(out, `seed-${seed}-${key}.json`);
      for (const seed of seeds) {
        if (existsSync(fileOf(seed))) continue;
        const rows = await study.runSeed(seed, (label, ...rest) => say(`seed ${seed}, ${label}`, ...rest), call.signal);
        writeFileAtomic(fileOf(seed), JSON.stringify(rows));
      }
      const read = (seed: number) => readJsonFile(fileOf(seed), 'delete it, and the seed runs again') as Row[];
      const result = seedStudyResult(out, study, new Map(seeds.map((seed) => [seed, read(seed)])));
      writeTables(result);
      return result;
    } finally {
      lock.release();
    }
  });
}

/** The tables of all seeds, as those of any study. */
function seedStudyResult<Row extends SeedRow>(
  folder: string,
  { about, tasksOf }: Pick<SeedStudy<Row>, 'about' | 'tasksOf'>,
  bySeed: ReadonlyMap<number, Row[]>,
): StudyResult {
  const seeds = [...bySeed.keys()];
  const [first] = bySeed.values();
  const tasks = tasksOf(first);
  const finished = first.map(({ name }) => {
    const results = seeds.map((seed): [number, TrialResult] => {
      const row = bySeed.get(seed)!.find((each) => each.name === name)!;
      const { parameters, measures } = row;
      const cost = { parameters, activeParameters: parameters, flops: 0, seconds: 0, memory: null };
      const own = tasks.filter((task) => row.tasks[task.name]);
      return [seed, { tasks: own, rows: Object.values(row.tasks).flat(), cost, ...(measures && { measures }) }];
    });
    return { name, difference: [], factors: [], results: new Map(results) };
  });
  const rowsWith = (task: string) => finished.filter((_, at) => first[at].tasks[task]);
  return {
    folder,
    study: { ...about, rows: [], factors: [], seeds, tasks: tasks.map(({ name }) => name), trials: [] },
    tables: tasks.flatMap(({ name }) => taskTable(name, rowsWith(name), []) ?? []),
    refused: [],
    unfinished: [],
    measures: measuresOf(finished),
  };
}
