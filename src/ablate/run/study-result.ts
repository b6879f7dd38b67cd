import type { ContrastOptions } from '../report/contrast.js';
import { type TaskTable, taskTable } from '../report/study-table.js';
import { type RefusedRow, refusedRows } from './refused-rows.js';
import { finishedRows, readStudy, type StudyManifest } from './study-folder.js';

/** A study as far as it is: its manifest, a table a task, and the trials that are missing; plain JSON. */
export interface StudyResult {
  folder: string;
  study: StudyManifest;
  /** The first is the one by which rows are compared. Empty before the base has a trial. */
  tables: TaskTable[];
  /** Rows that no table has because nothing can be said of them. */
  refused: RefusedRow[];
  unfinished: { row: string; seed: number }[];
}

/**
 * The tables of a study, made from the answers in its folder; trains nothing.
 * @throws UserError for a folder that holds no study
 */
export function readStudyResult(folder: string, options: ContrastOptions = {}): StudyResult {
  const study = readStudy(folder);
  const all = finishedRows(folder, study);
  const refused = refusedRows(all);
  const rows = all.filter(({ name }) => !refused.some(({ row }) => row === name));
  const [base] = rows;
  // A task may stand for several: `g1` is all rows of G1.
  const names = [...base.results.values()].slice(0, 1).flatMap(({ tasks }) => tasks.map(({ name }) => name));
  return {
    folder,
    study,
    tables: names.flatMap((name) => taskTable(name, rows, study.factors, options) ?? []),
    refused,
    unfinished: study.trials
      .filter(({ row, seed }) => !all.find(({ name }) => name === row)?.results.has(seed))
      .map(({ row, seed }) => ({ row, seed })),
  };
}
