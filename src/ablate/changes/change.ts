import { UserError, wrongOption } from '../../checks/error.js';
import type { MoonConfig } from '../../config/config.js';

/** A change that a row of a study makes to the base config: a small pure function. */
export type Change = (base: MoonConfig) => MoonConfig;

/** A row that trains nothing: it changes the weights of the trained base of the same seed. `weights` names it (`isWeightChange`). */
export interface WeightRow {
  weights: string;
}

/** Changes by row name. */
export type Changes = Readonly<Record<string, Change>>;

/** Rows by name: changes of the config or of trained weights. */
export type Rows = Readonly<Record<string, Change | WeightRow>>;

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
export function rowsOf<Row extends Change | WeightRow>(
  changes: Readonly<Record<string, Row>> | readonly Readonly<Record<string, Row>>[],
): [name: string, change: Row][] {
  const rows = [changes].flat().flatMap((each) => Object.entries(each as Record<string, Row>));
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
