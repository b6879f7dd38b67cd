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
import { withProvenance } from './older-files.js';

/** What a cell is filed under: a finished cell of the same provenance is never run again. */
export type TrialProvenance = StudyProvenance & Pick<Provenance, 'config'>;

/** One row with one seed: all that a process needs to train and measure it, as a plain record. */
export interface Cell {
  row: string;
  seed: number;
  data: StudyData;
  split: Split;
  tasks: readonly string[];
  provenance: TrialProvenance;
  /** Parts of the provenance that may differ when a run resumes. */
  allow: readonly string[];
}

/** What a cell came to. */
export interface CellResult {
  /** Hash of the loss of every step: equal ones were trained alike to the bit. Absent in results of earlier versions. */
  training?: string;
  tasks: Pick<TaskResult, 'name' | 'kind' | 'query' | 'gallery' | 'products' | 'n' | 'items' | 'chance'>[];
  /** A query of a task each. */
  rows: Answer[];
  cost: Cost;
}

/** How one query fared. */
export type Answer = Answered & Pick<Row, 'task' | 'query' | 'product' | 'gold'>;

const CELL = 'cell.json';

/** Name of the file that is there once a cell is finished, for these queries. */
const resultFile = (folder: string, { split, tasks }: Pick<Cell, 'split' | 'tasks'>) =>
  join(folder, `result-${split}-${valueHash(tasks).slice(0, 8)}.json`);

/**
 * The folder of a cell below a study's: one of the same provenance where there is one (but for what the cell allows), else a new one.
 * Cells of another provenance stay beside it.
 */
export function cellFolder(study: string, cell: Cell): string {
  const cells = join(study, 'cells');
  const start = `${cell.row.replaceAll(/[^\w.=-]+/g, '-')}-${cell.seed}-`;
  const own = join(cells, start + valueHash(cell.provenance).slice(0, 12));
  if (existsSync(join(own, CELL)) || !existsSync(cells)) return own;
  const known = readdirSync(cells).filter((name) => name.startsWith(start) && existsSync(join(cells, name, CELL)));
  // The config is what a cell is.
  const allow = cell.allow.filter((part) => part !== 'config');
  const near = known.find((name) => {
    const was = readCell(join(cells, name));
    return was.row === cell.row && !provenanceDifference(was.provenance, cell.provenance, allow);
  });
  return near ? join(cells, near) : own;
}

/** Write what a process is to do; a run that is there already keeps its own provenance. */
export function writeCell(folder: string, cell: Cell): void {
  writeFileAtomic(join(folder, CELL), `${JSON.stringify(cell, null, 2)}\n`);
}

export function readCell(folder: string): Cell {
  return withProvenance(readJsonFile(join(folder, CELL), 'give the folder of a trial')) as Cell;
}

export function writeResult(folder: string, cell: Cell, result: CellResult): void {
  writeFileAtomic(resultFile(folder, cell), JSON.stringify(result));
}

/** The result of a cell that is finished; undefined for another. */
export function readResult(folder: string, cell: Pick<Cell, 'split' | 'tasks'>): CellResult | undefined {
  const file = resultFile(folder, cell);
  return existsSync(file) ? (readJsonFile(file, 'delete it: the trial is measured again') as CellResult) : undefined;
}
