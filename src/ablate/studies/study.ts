import { UserError, wrongOption } from '../../checks/error.js';
import { checkConfig } from '../../config/check-config.js';
import type { MoonConfig } from '../../config/config.js';
import { configDifference, type SettingDifference } from '../../config/config-difference.js';
import { withSteps } from '../../config/with-steps.js';
import type { Split } from '../../data/types.js';
import { allOf, type Changes, type Rows, rowsOf } from '../changes/change.js';
import { requireWeightChange } from '../changes/weight-changes.js';
import { type Budget, equalItems } from './budget.js';
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
  /** The expected result, written before the study runs. */
  prediction?: string;
}

/** A row of a study before training. Each trial replaces the seed of its config. */
export interface PlannedRow {
  name: string;
  config: MoonConfig;
  /** Settings that differ from the base, except for the budget. */
  difference: SettingDifference[];
  /** The factors of the study that this row includes. */
  factors: string[];
  /** Set for a row that trains nothing: the change of the trained base's weights, one of `weightChanges`. */
  weights?: string;
}

/**
 * The rows of a study, base first. All are checked before anything trains.
 * @throws UserError for a change that has no effect or the same effect as another, for equal row names, and for an invalid config
 */
export function planRows(study: Study): PlannedRow[] {
  const { base, changes, factors = {}, seeds, budget } = study;
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
  for (const [name, change] of named) {
    if (typeof change !== 'function') {
      rows.push(weightRow(name, change.weights, rows));
      continue;
    }
    const changed = checkedRow(name, change(start));
    const config = withinBudget(start, changed, budget);
    const difference = configDifference(start, changed);
    const reserved = difference.filter(({ path }) => reservedSettings.includes(path));
    if (reserved.length)
      throw new UserError(
        `study.changes: '${name}' changes ${reserved[0].path}, which the study's ${reserved[0].path === 'seed' ? 'seeds set' : 'budget sets'} for every row. Change the study, or remove the row.`,
      );
    if (!difference.length)
      throw new UserError(
        `study.changes: '${name}' has no effect on this base. Remove it, or choose a base that has what it changes.`,
      );
    const twin = rows.find((row) => !row.weights && !configDifference(row.config, config).length);
    if (twin)
      throw new UserError(
        `study.changes: '${name}' has the same config as '${twin.name}' under the study's budget. Remove one of them.`,
      );
    rows.push({ name, config, difference, factors: combined.find((each) => each.name === name)?.factors ?? [] });
  }
  return rows;
}

function weightRow(name: string, weights: string, [base, ...others]: readonly PlannedRow[]): PlannedRow {
  requireWeightChange(weights);
  const twin = others.find((row) => row.weights === weights);
  if (twin)
    throw new UserError(
      `study.changes: '${name}' changes the weights in the same way as '${twin.name}'. Remove one of them.`,
    );
  return {
    ...base,
    name,
    difference: [{ path: 'weights', from: 'as trained', to: weights }],
    weights,
  };
}

/** Settings that the study itself sets. */
const reservedSettings: readonly string[] = ['seed', 'optimizer.steps'];

/** Apply a budget in items. A budget in seconds is applied later, when the step time of the row is known. */
function withinBudget(base: MoonConfig, row: MoonConfig, budget: Budget): MoonConfig {
  return budget.kind === 'items' ? withSteps(row, equalItems(base, row, budget.steps)) : row;
}

function checkedRow(name: string, config: MoonConfig): MoonConfig {
  try {
    return checkConfig(config);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`study: the row '${name}' has an invalid config. ${error.message}`);
  }
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
