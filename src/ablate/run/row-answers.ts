import { UserError } from '../../checks/error.js';
import type { SeedAnswers } from '../../evaluate/contrast/contrast.js';
import type { Asked } from '../../evaluate/task-result.js';
import type { Answer, TrialResult } from './trial.js';

/** The answers of a row, with the queries that they answer. */
export type RowAnswers = SeedAnswers<Answer>;

/** The answers to one task from the trials of a row, by seed. */
export function answersOf(task: string, results: ReadonlyMap<number, TrialResult>): RowAnswers {
  const seeds = [...results.keys()].sort((a, b) => a - b);
  return { seeds, bySeed: seeds.map((seed) => results.get(seed)!.rows.filter((row) => row.task === task)) };
}

/** The queries that all rows answered. @throws UserError if the queries of two trials differ */
export function askedOf(task: string, rows: readonly RowAnswers[]): Asked[] {
  const all = rows.flatMap(({ bySeed }) => bySeed);
  const [first] = all;
  const ids = (answers: readonly Answer[]) => JSON.stringify(answers.map(({ query }) => query));
  const own = ids(first);
  if (all.some((answers) => ids(answers) !== own))
    throw new UserError(`${task}: trials of this study have different queries. Run it in a new --out.`);
  return first.map(({ gold, product }) => ({ gold, product }));
}
