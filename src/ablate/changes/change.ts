import { UserError, wrongOption } from '../../checks/error.js';
import type { MoonConfig } from '../../config/config.js';
import type { MergedTensors, MergeOption } from '../../weights/merge/option.js';

/** A change that a row of a study makes to the base config: a small pure function. */
export type Change = (base: MoonConfig) => MoonConfig;

/** A row that trains nothing: it changes the weights of the trained base of the same seed. `weights` names it (`isWeightChange`). */
export interface WeightRow {
  weights: string;
}

/** A row with a number of updates of its own, or that trains on from the trained weights of another row, or of the base, of the same seed. */
export interface TunedRow {
  /** Name of an earlier row, or `base`. Default: a new network. */
  from?: string;
  change: Change;
  /** Updates. Default: the study's budget. */
  steps?: number;
}

/** A row that trains nothing: the trained weights of earlier rows of the same seed, merged; their task vectors start at the study's base. */
export interface MergeRow {
  merge: MergeOption;
  of: readonly string[];
  /** Default `language-matrices`; the other tensors are the base's. */
  tensors?: MergedTensors;
  /** Take each of the rows from another seed, as a control: networks of different starts have nothing in common that could be merged. */
  otherSeeds?: boolean;
}

export type Row = Change | WeightRow | TunedRow | MergeRow;

/** Changes by row name. */
export type Changes = Readonly<Record<string, Change>>;

/** Rows by name: changes of the config or of trained weights. */
export type Rows = Readonly<Record<string, Row>>;

/** Compose several changes into one, applied in order. */
export const allOf =
  (...changes: readonly Change[]): Change =>
  (base) =>
    changes.reduce((config, change) => change(config), base);

/**
 * One row for each value of a setting: `grid('queue', [0, 64, 256], queueLength)` has the rows `queue=0`, `queue=64`, `queue=256`.
 * @param change returns the change for a value
 * @throws UserError without values, and for equal row names
 */
export function grid<Value>(name: string, values: readonly Value[], change: (value: Value) => Change): Changes {
  if (!values.length) throw wrongOption(name, values, 'at least one value');
  const rows = values.map((value) => ({
    [`${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`]: change(value),
  }));
  return Object.fromEntries(rowsOf(rows));
}

/** One row for every combination of the rows of two grids. */
export function product(first: Changes, second: Changes): Changes {
  const rows = Object.entries(first).flatMap(([name, change]) =>
    Object.entries(second).map(([other, also]) => ({ [`${name} ${other}`]: allOf(change, also) })),
  );
  return Object.fromEntries(rowsOf(rows));
}

/** The rows of several records as one list. @throws UserError if two rows have the same name */
export function rowsOf<Some extends Row>(
  changes: Readonly<Record<string, Some>> | readonly Readonly<Record<string, Some>>[],
): [name: string, change: Some][] {
  const rows = [changes].flat().flatMap((each) => Object.entries(each as Record<string, Some>));
  const names = new Set<string>(['base']);
  for (const [name] of rows) {
    if (names.has(name))
      throw new UserError(
        `study.changes: two rows are called '${name}'${name === 'base' ? ', which is the name of the base' : ''}. Rename one of them.`,
      );
    names.add(name);
  }
  return rows;
}
