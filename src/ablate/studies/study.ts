import { UserError, wrongOption } from '../../checks/error.js';
import { checkConfig } from '../../config/check-config.js';
import type { MoonConfig } from '../../config/config.js';
import { configDifference, type SettingDifference } from '../../config/config-difference.js';
import { withSteps } from '../../config/with-steps.js';
import type { Split } from '../../data/types.js';
import { allOf, type Changes, type Rows, rowsOf } from '../changes/change.js';
import { weightChange } from '../changes/weight-changes.js';
import { type Budget, equalItems } from './budget.js';
import type { StudyData } from './study-data.js';

/** A base, changes of it, and what all rows have in common. */
export interface Study {
  /** Names its folder: lower-case words and hyphens. */
  name: string;
  base: MoonConfig;
  /** A row each, beside that of the base. */
  changes: Rows | readonly Rows[];
  /** Changes that are made in every combination (a full factorial), with their main effects and interactions. */
  factors?: Changes;
  /** Every row is trained with each of them, and compared with the base of the same seed. */
  seeds: readonly number[];
  data: StudyData;
  budget: Budget;
  /** Which queries ask. Choices are made on `dev`; `val` is for configs that are final. */
  split: Split;
  /** Tasks to measure; rows are compared by the first. Left out: the headline of the data's protocol. */
  tasks?: readonly string[];
  /** What is expected of it, written down before it runs. */
  prediction?: string;
}

/** A row of a study before it is trained: its config but for the seed. */
export interface PlannedRow {
  name: string;
  config: MoonConfig;
  /** What the change changed, the budget left out. */
  difference: SettingDifference[];
  /** Which of the study's factors it has. */
  factors: string[];
  /** Of a row that trains nothing: the change of the trained base's weights, one of `weightChanges`. */
  weights?: string;
}

/**
 * The rows of a study, the base first, checked before anything trains.
 * @throws UserError for a change that changes nothing or as much as another, for two rows of one name, and for an invalid config
 */
export function planRows(study: Study): PlannedRow[] {
  const { base, changes, factors = {}, seeds, budget } = study;
  if (
    !seeds.length ||
    new Set(seeds).size < seeds.length ||
    !seeds.every((seed) => Number.isInteger(seed) && seed >= 0)
  )
    throw wrongOption('study.seeds', seeds, 'different whole numbers, at least one');
  if (budget.kind === 'seconds' ? !(budget.seconds > 0) : !(Number.isInteger(budget.steps) && budget.steps > 0))
    throw wrongOption('study.budget', budget, 'steps (a whole number) or seconds above 0');
  if (!/^[\w.-]+$/.test(study.name)) throw wrongOption('study.name', study.name, 'letters, digits, hyphens');
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
    const undone = difference.filter(({ path }) => ofTheStudy.includes(path));
    if (undone.length)
      throw new UserError(
        `study.changes: '${name}' changes ${undone[0].path}, which the study's ${undone[0].path === 'seed' ? 'seeds set' : 'budget sets'} for every row. Change the study, or leave the row out.`,
      );
    if (!difference.length)
      throw new UserError(
        `study.changes: '${name}' changes nothing of this base. Leave it out, or choose a base that has what it changes.`,
      );
    const twin = rows.find((row) => !row.weights && !configDifference(row.config, config).length);
    if (twin)
      throw new UserError(
        `study.changes: '${name}' gives the very config of '${twin.name}' within the study's budget. Leave one of them out.`,
      );
    rows.push({ name, config, difference, factors: combined.find((each) => each.name === name)?.factors ?? [] });
  }
  return rows;
}

function weightRow(name: string, weights: string, [base, ...others]: readonly PlannedRow[]): PlannedRow {
  weightChange(weights);
  const twin = others.find((row) => row.weights === weights);
  if (twin)
    throw new UserError(`study.changes: '${name}' changes the weights as '${twin.name}' does. Leave one of them out.`);
  return {
    ...base,
    name,
    difference: [{ path: 'weights', from: 'as trained', to: weights }],
    weights,
  };
}

/** Settings that the study itself decides. */
const ofTheStudy: readonly string[] = ['seed', 'optimizer.steps'];

/** Of a budget in time the updates are not known before a row's step time is. */
function withinBudget(base: MoonConfig, row: MoonConfig, budget: Budget): MoonConfig {
  return budget.kind === 'items' ? withSteps(row, equalItems(base, row, budget.steps)) : row;
}

function checkedRow(name: string, config: MoonConfig): MoonConfig {
  try {
    return checkConfig(config);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`study: the row '${name}' is no valid config. ${error.message}`);
  }
}

/** Every combination of one factor or more. */
function combinations(
  factors: Changes,
): { name: string; change: (base: MoonConfig) => MoonConfig; factors: string[] }[] {
  const names = Object.keys(factors);
  return Array.from({ length: 2 ** names.length - 1 }, (_, at) => {
    const chosen = names.filter((_, bit) => ((at + 1) >> bit) & 1);
    return { name: chosen.join(' + '), change: allOf(...chosen.map((name) => factors[name])), factors: chosen };
  });
}
