import type { ContrastOptions } from '../../evaluate/contrast/contrast.js';
import { type KeptGains, keptGains } from '../report/kept-gains.js';
import { type FinishedRow, type TaskTable, taskTable } from '../report/study-table.js';
import { meanMeasures } from './last-measures.js';
import { type RefusedRow, refusedRows } from './refused-rows.js';
import { finishedRows, readStudy, type StudyManifest } from './study-folder.js';

/** The current result of a study: its manifest, one table per task, and the unfinished trials. Plain JSON. */
export interface StudyResult {
  folder: string;
  study: StudyManifest;
  /** The first table is that of the headline task. Empty until the base has a finished trial. */
  tables: TaskTable[];
  /** Rows that are excluded from the tables, since their change had no effect. */
  refused: RefusedRow[];
  unfinished: { row: string; seed: number }[];
  /** Row -> measures of training over its last updates, mean over seeds: `gate`, `accuracy`, terms of the loss. */
  measures?: Record<string, Record<string, number>>;
  /** For a study with experts. */
  kept?: KeptGains | { none: string };
}

/**
 * Compute the tables of a study from the results in its folder. Trains nothing.
 * @throws UserError if the folder holds no study
 */
export function readStudyResult(folder: string, options: ContrastOptions = {}): StudyResult {
  const study = readStudy(folder);
  const all = finishedRows(folder, study);
  const refused = refusedRows(all);
  const rows = all.filter(({ name }) => !refused.some(({ row }) => row === name));
  const [base] = rows;
  // A name may stand for several tasks: `g1` for all of G1.
  const names = [...base.results.values()].slice(0, 1).flatMap(({ tasks }) => tasks.map(({ name }) => name));
  return {
    folder,
    study,
    tables: names.flatMap((name) => taskTable(name, rows, study.factors, options) ?? []),
    refused,
    unfinished: study.trials
      .filter(({ row, seed }) => !all.find(({ name }) => name === row)?.results.has(seed))
      .map(({ row, seed }) => ({ row, seed })),
    measures: measuresOf(rows),
    ...(study.experts && { kept: keptGains(study.experts, rows, options.draws) }),
  };
}

/** The measures of each row that has some, mean over its seeds. */
export const measuresOf = (rows: readonly Pick<FinishedRow, 'name' | 'results'>[]): StudyResult['measures'] =>
  Object.fromEntries(
    rows.flatMap(({ name, results }): [string, Record<string, number>][] => {
      const measured = [...results.values()].flatMap(({ measures }) => (measures ? [measures] : []));
      return measured.length ? [[name, meanMeasures(measured)]] : [];
    }),
  );
