import { UserError } from '../../checks/error.js';
import type { Asked } from '../../evaluate/task-result.js';
import type { Answer, CellResult } from './trial.js';

/** What a row answered to the queries of a task, by seed; all rows of a table have the same queries in the same order. */
export interface RowAnswers {
  seeds: number[];
  /** `bySeed[s][q]` */
  bySeed: Answer[][];
}

/** The answers of some cells of a row to one task. */
export function answersOf(task: string, results: ReadonlyMap<number, CellResult>): RowAnswers {
  const seeds = [...results.keys()].sort((a, b) => a - b);
  return { seeds, bySeed: seeds.map((seed) => results.get(seed)!.rows.filter((row) => row.task === task)) };
}

/** The queries that all rows answered. @throws UserError when a cell was asked others */
export function askedOf(task: string, rows: readonly RowAnswers[]): Asked[] {
  const all = rows.flatMap(({ bySeed }) => bySeed);
  const [first] = all;
  const ids = (answers: readonly Answer[]) => JSON.stringify(answers.map(({ query }) => query));
  const own = ids(first);
  if (all.some((answers) => ids(answers) !== own))
    throw new UserError(`${task}: trials of this study have different queries. Run it in a new --out.`);
  return first.map(({ gold, product }) => ({ gold, product }));
}

/** The answers of those seeds that another row has too. */
export function ofSeeds({ seeds, bySeed }: RowAnswers, wanted: readonly number[]): RowAnswers {
  const kept = seeds.flatMap((seed, at) => (wanted.includes(seed) ? [at] : []));
  return { seeds: kept.map((at) => seeds[at]), bySeed: kept.map((at) => bySeed[at]) };
}
