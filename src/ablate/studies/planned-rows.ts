import { UserError, wrongOption } from '../../checks/error.js';
import { fillIn } from '../../checks/fill-in.js';
import { checkConfig } from '../../config/check-config.js';
import type { MoonConfig } from '../../config/config.js';
import { configDifference, type SettingDifference } from '../../config/config-difference.js';
import { withSteps } from '../../config/with-steps.js';
import { type FilledMerge, type MergedTensors, mergeSchema } from '../../weights/merge/option.js';
import type { Change, MergeRow, TunedRow, WeightRow } from '../changes/change.js';
import { requireWeightChange } from '../changes/weight-changes.js';
import { type Budget, equalItems } from './budget.js';

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
  /** Set for a row that trains nothing: how the weights of other rows become its own. */
  merge?: PlannedMerge;
  /** Set for a row that starts from the trained weights of another one. */
  from?: string;
}

/** How the trained weights of rows are merged. */
export interface PlannedMerge {
  option: FilledMerge;
  of: readonly string[];
  tensors: MergedTensors;
  /** Whether each of the rows is taken from another seed than the base. */
  otherSeeds?: boolean;
}

/** What all rows of a study share. */
interface RowsOf {
  /** With its defaults. */
  base: MoonConfig;
  budget: Budget;
}

/** A row that trains from the start. @param rows before it */
export function trainedRow(
  name: string,
  change: Change,
  rows: readonly PlannedRow[],
  { base, budget }: RowsOf,
): PlannedRow {
  const { config: changed, difference } = changedConfig(name, change, base);
  const config = withinBudget(base, changed, budget);
  if (!difference.length)
    throw new UserError(
      `study.changes: '${name}' has no effect on this base. Remove it, or choose a base that has what it changes.`,
    );
  const isTrained = ({ weights, merge, from }: PlannedRow) => weights === undefined && !merge && from === undefined;
  const twin = rows.find((row) => isTrained(row) && !configDifference(row.config, config).length);
  if (twin)
    throw new UserError(
      `study.changes: '${name}' has the same config as '${twin.name}' under the study's budget. Remove one of them.`,
    );
  return { name, config, difference, factors: [] };
}

/** A row's config before its budget, and how it differs from the base. @throws UserError for a change of what the study sets */
function changedConfig(
  name: string,
  change: Change,
  base: MoonConfig,
): { config: MoonConfig; difference: SettingDifference[] } {
  const config = checkedRow(name, change(base));
  const difference = configDifference(base, config);
  const reserved = difference.find(({ path }) => reservedSettings.includes(path));
  if (reserved)
    throw new UserError(
      `study.changes: '${name}' changes ${reserved.path}, which the study's ${reserved.path === 'seed' ? 'seeds set' : 'budget sets'} for every row. Change the study, or remove the row.`,
    );
  return { config, difference };
}

/** A row that trains on from another one, or with updates of its own. */
export function tunedRow(
  name: string,
  { from, change, steps }: TunedRow,
  rows: readonly PlannedRow[],
  { base, budget }: RowsOf,
): PlannedRow {
  if (from !== undefined) requireEarlier(name, [from], rows);
  if (steps !== undefined && !(Number.isInteger(steps) && steps > 0))
    throw wrongOption(`study.changes.${name}.steps`, steps, 'an integer above 0');
  const { config, difference } = changedConfig(name, change, base);
  return {
    name,
    config: steps === undefined ? withinBudget(base, config, budget) : withSteps(config, steps),
    difference: [
      ...(from === undefined ? [] : [{ path: 'start', from: 'as the base', to: `weights of ${from}` }]),
      ...difference,
    ],
    factors: [],
    ...(from !== undefined && { from }),
  };
}

/** A row that merges others. */
export function mergeRow(
  name: string,
  { merge, of, tensors, otherSeeds = false }: MergeRow,
  rows: readonly PlannedRow[],
  seeds: readonly number[],
): PlannedRow {
  if (otherSeeds && seeds.length < 2)
    throw wrongOption(`study.changes.${name}.otherSeeds`, true, 'false, or a study of at least two seeds');
  requireEarlier(name, of, rows);
  const option = fillIn(mergeSchema, merge, `study.changes.${name}.merge`);
  if (!of.length || (option.kind === 'slerp' && of.length !== 1))
    throw wrongOption(`study.changes.${name}.of`, of, option.kind === 'slerp' ? 'one row' : 'at least one row');
  const planned: PlannedMerge = {
    option,
    of,
    tensors: tensors ?? 'language-matrices',
    ...(otherSeeds && { otherSeeds }),
  };
  refuseTwin(
    name,
    rows.find((row) => row.merge && isSame(row.merge, planned)),
  );
  const difference = [
    {
      path: 'weights',
      from: 'as trained',
      to: `${option.kind} of ${of.join(', ')}${otherSeeds ? ' of other seeds' : ''}`,
    },
  ];
  return { ...rows[0], name, difference, merge: planned };
}

/** A row that changes the trained base. */
export function weightRow(name: string, { weights }: WeightRow, rows: readonly PlannedRow[]): PlannedRow {
  requireWeightChange(weights);
  refuseTwin(
    name,
    rows.find((row) => row.weights === weights),
  );
  return { ...rows[0], name, difference: [{ path: 'weights', from: 'as trained', to: weights }], weights };
}

function refuseTwin(name: string, twin: PlannedRow | undefined): void {
  if (twin)
    throw new UserError(
      `study.changes: '${name}' changes the weights in the same way as '${twin.name}'. Remove one of them.`,
    );
}

function requireEarlier(name: string, of: readonly string[], rows: readonly PlannedRow[]): void {
  const unknown = of.find((each) => !rows.some((row) => row.name === each));
  if (unknown !== undefined)
    throw wrongOption(
      `study.changes.${name}`,
      unknown,
      `one of the rows before it: ${rows.map((row) => row.name).join(' | ')}`,
    );
}

/** Whether two plain records say the same. */
export const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Settings that the study itself sets. */
const reservedSettings: readonly string[] = ['seed', 'optimizer.steps'];

/** Apply a budget in items. A budget in seconds is applied later, when the step time of the row is known. */
export function withinBudget(base: MoonConfig, row: MoonConfig, budget: Budget): MoonConfig {
  return budget.kind === 'items' ? withSteps(row, equalItems(base, row, budget.steps)) : row;
}

/** @throws UserError for an invalid config, and for one that each trial would complete by measurements of its own */
export function checkedRow(name: string, config: MoonConfig): MoonConfig {
  try {
    if (config.engine.precision === 'auto')
      throw wrongOption(
        'engine.precision',
        'auto',
        `'float32' or 'bfloat16'`,
        'Trials are compared, and each would measure.',
      );
    return checkConfig(config);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`study: the row '${name}' has an invalid config. ${error.message}`);
  }
}
