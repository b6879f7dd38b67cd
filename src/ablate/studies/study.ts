import { wrongOption } from '../../checks/error.js';
import type { MoonConfig } from '../../config/config.js';
import type { Split } from '../../data/types.js';
import { allOf, type Changes, type Rows, rowsOf } from '../changes/change.js';
import type { Budget } from './budget.js';
import {
  checkedRow,
  mergeRow,
  type PlannedRow,
  trainedRow,
  tunedRow,
  weightRow,
  withinBudget,
} from './planned-rows.js';
import type { StudyData } from './study-data.js';

/**
 * An ablation study: a base config, changes of it, and what all rows have in common.
 * @example
 * ```ts
 * const { withoutRegions, withoutGuidance } = moon.ablate;
 * const study: moon.Study = {
 *   name: 'regions',
 *   base: moon.grocery,
 *   changes: { withoutRegions, withoutGuidance },
 *   seeds: [1, 2, 3],
 *   data: { kind: 'folder', path: moon.GROCERY_PACK },
 *   budget: { kind: 'items', steps: 300 },
 *   split: 'dev',
 * };
 * ```
 */
export interface Study {
  /** Also the name of its folder: letters, digits, hyphens, dots and underscores. */
  name: string;
  base: MoonConfig;
  /** One row each, in addition to the base. */
  changes: Rows | readonly Rows[];
  /** Changes that are combined in a full factorial design, with main effects and interactions. */
  factors?: Changes;
  /** Every row is trained once per seed, and compared with the base of the same seed. */
  seeds: readonly number[];
  data: StudyData;
  budget: Budget;
  /** The split to evaluate on. Use `dev` to make choices, `val` for final configs. */
  split: Split;
  /** Tasks to evaluate; rows are compared by the first. Default: the headline task of the data set. */
  tasks?: readonly string[];
  /** Task -> the row that was tuned for it. All rows are then also measured by the part of these experts' gains that they keep. */
  experts?: Readonly<Record<string, string>>;
  /** The expected result, written before the study runs. */
  prediction?: string;
}

/**
 * The rows of a study, base first. All are checked before anything trains.
 * @throws UserError for a change that has no effect or the same effect as another, for equal row names, and for an invalid config
 */
export function planRows(study: Study): PlannedRow[] {
  const { base, changes, factors = {}, seeds, budget, experts = {} } = study;
  if (
    !seeds.length ||
    new Set(seeds).size < seeds.length ||
    !seeds.every((seed) => Number.isInteger(seed) && seed >= 0)
  )
    throw wrongOption('study.seeds', seeds, 'one or more different integers');
  if (budget.kind === 'seconds' ? !(budget.seconds > 0) : !(Number.isInteger(budget.steps) && budget.steps > 0))
    throw wrongOption('study.budget', budget, 'steps (an integer) or seconds, above 0');
  if (!/^[\w.-]+$/.test(study.name))
    throw wrongOption('study.name', study.name, 'letters, digits, hyphens, dots and underscores');
  const combined = combinations(factors);
  const named = rowsOf([...[changes].flat(), Object.fromEntries(combined.map(({ name, change }) => [name, change]))]);
  const start = checkedRow('base', base);
  const rows: PlannedRow[] = [
    { name: 'base', config: withinBudget(start, start, budget), difference: [], factors: [] },
  ];
  for (const [name, row] of named) {
    if (typeof row === 'function') {
      const { factors } = combined.find((each) => each.name === name) ?? { factors: [] };
      rows.push({ ...trainedRow(name, row, rows, { base: start, budget }), factors });
    } else if ('weights' in row) rows.push(weightRow(name, row, rows));
    else if ('merge' in row) rows.push(mergeRow(name, row, rows, seeds));
    else rows.push(tunedRow(name, row, rows, { base: start, budget }));
  }
  for (const [task, row] of Object.entries(experts)) {
    if (!rows.slice(1).some(({ name }) => name === row))
      throw wrongOption(`study.experts.${task}`, row, 'the name of a row');
    if (!study.tasks?.includes(task))
      throw wrongOption('study.experts', task, 'tasks of the study', 'Add it to study.tasks.');
  }
  return rows;
}

/** All combinations of one or more factors. */
function combinations(
  factors: Changes,
): { name: string; change: (base: MoonConfig) => MoonConfig; factors: string[] }[] {
  const names = Object.keys(factors);
  return Array.from({ length: 2 ** names.length - 1 }, (_, at) => {
    const chosen = names.filter((_, bit) => ((at + 1) >> bit) & 1);
    return { name: chosen.join(' + '), change: allOf(...chosen.map((name) => factors[name])), factors: chosen };
  });
}
