import type { SettingDifference } from '../../config/config-difference.js';
import { type Contrast, type ContrastOptions, contrast, differenceOf } from '../../evaluate/contrast/contrast.js';
import { type Finding, findingsOf } from '../../evaluate/contrast/finding.js';
import { answerMetrics } from '../../evaluate/measure.js';
import type { Asked, Metrics } from '../../evaluate/task-result.js';
import type { Interval } from '../../statistics/bootstrap.js';
import { taskKind } from '../../tasks/kinds/index.js';
import { type Cost, meanCost } from '../run/cost.js';
import { answersOf, askedOf, type RowAnswers } from '../run/row-answers.js';
import type { TrialResult } from '../run/trial.js';
import type { PlannedRow } from '../studies/planned-rows.js';
import { effectNames, effectParts } from './factorial-effects.js';

/** A row of a table. Plain JSON. */
export interface TableRow {
  name: string;
  diff: SettingDifference[];
  metrics: Metrics;
  /**
   * Difference from the base by metric; empty for the base. `p` is from a sign-flip test over products; null for a metric that is not a mean
   * over queries.
   */
  difference: Record<string, Interval & { p: number | null }>;
  /** Number of queries. */
  n: number;
  seeds: number[];
  /** Mean over seeds. */
  cost: Cost;
}

/** The table of one task: all rows, and their differences from the base on the primary metric. */
export interface TaskTable {
  task: TrialResult['tasks'][number];
  metric: string;
  rows: TableRow[];
  /** The finding of each row except the base. */
  findings: Finding[];
  /** Main effects and interactions of a factorial design. */
  effects: Finding[];
}

/** A row with the results of its finished trials, by seed. */
export type FinishedRow = Pick<PlannedRow, 'name' | 'difference' | 'factors' | 'weights' | 'merge' | 'from'> & {
  results: ReadonlyMap<number, TrialResult>;
};

/** The table of one task; undefined until the base has a finished trial. The first row must be the base. */
export function taskTable(
  name: string,
  rows: readonly FinishedRow[],
  factors: readonly string[],
  options: ContrastOptions = {},
): TaskTable | undefined {
  const started = rows.filter(({ results }) => results.size);
  if (!rows[0].results.size) return undefined;
  const answers = new Map(started.map((row) => [row.name, answersOf(name, row.results)]));
  const asks = askedOf(name, [...answers.values()]);
  const [base] = started;
  const task = [...base.results.values()][0].tasks.find((each) => each.name === name)!;
  const { kind } = task;
  const metric = taskKind(kind).primary;
  const baseAnswers = answers.get(base.name)!;
  const contrasts = new Map(
    started.slice(1).flatMap((row): [string, Contrast][] => {
      const found = contrast(kind, asks, differenceOf(answers.get(row.name)!, baseAnswers), options);
      return found ? [[row.name, found]] : [];
    }),
  );
  const sample = { products: new Set(asks.map(({ product }) => product)).size, queries: asks.length, noun: noun(task) };
  return {
    task,
    metric,
    rows: started.map((row) =>
      tableRow(row, answers.get(row.name)!, contrasts.get(row.name), { kind, asks, ...options }),
    ),
    findings: findingsOf(contrasts, metric, sample),
    effects: findingsOf(effectsOf(started, answers, factors, { kind, asks, ...options }), metric, sample),
  };
}

type Measured = ContrastOptions & { kind: string; asks: readonly Asked[] };

function tableRow(
  { name, difference, results }: FinishedRow,
  { seeds, bySeed }: RowAnswers,
  found: Contrast | undefined,
  { kind, asks, draws }: Measured,
): TableRow {
  return {
    name,
    diff: difference,
    metrics: answerMetrics(kind, asks, { main: bySeed }, { draws }).main,
    difference: Object.fromEntries(
      Object.entries(found?.metrics ?? {}).map(([metric, { value, low, high, p }]) => [
        metric,
        { value, low, high, p },
      ]),
    ),
    n: asks.length,
    seeds: [...seeds],
    cost: meanCost([...results.values()].map(({ cost }) => cost)),
  };
}

/** Main effects and interactions of a factorial design; empty until all of its rows share a finished seed. */
function effectsOf(
  rows: readonly FinishedRow[],
  answers: ReadonlyMap<string, RowAnswers>,
  factors: readonly string[],
  { kind, asks, ...options }: Measured,
): Map<string, Contrast> {
  const trials = rows
    .filter(({ factors: own }, at) => at === 0 || own.length)
    .map((row) => ({ factors: row.factors, answers: answers.get(row.name)! }));
  if (!factors.length || trials.length < 2 ** factors.length) return new Map();
  return new Map(
    effectNames(factors).flatMap(({ name, factors: chosen }): [string, Contrast][] => {
      const found = contrast(kind, asks, effectParts(chosen, trials), options);
      return found ? [[name, found]] : [];
    }),
  );
}

function noun({ query }: TaskTable['task']): string {
  return query.startsWith('photo') ? 'photos' : 'queries';
}
