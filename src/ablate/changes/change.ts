import { UserError, wrongOption } from '../../checks/error.js';
import type { MoonConfig } from '../../config/config.js';

/** What a row of a study does to the base: a small pure function. The difference to the base is the row. */
export type Change = (base: MoonConfig) => MoonConfig;

/** A row that trains nothing: the trained base of the same seed with its weights changed. Names one of `weightChanges`. */
export interface WeightRow {
  weights: string;
}

/** Changes by the names of their rows. */
export type Changes = Readonly<Record<string, Change>>;

/** The same with rows that change weights. */
export type Rows = Readonly<Record<string, Change | WeightRow>>;

/** Several changes, one after the other, as one. */
export const allOf =
  (...changes: readonly Change[]): Change =>
  (base) =>
    changes.reduce((config, change) => change(config), base);

/**
 * A row for each value of one setting: `grid('queue', [0, 64, 256], queueLength)` has the rows `queue=0`, `queue=64`, `queue=256`.
 * @param change the setting's change for a value
 */
export function grid<Value>(name: string, values: readonly Value[], change: (value: Value) => Change): Changes {
  if (!values.length) throw wrongOption(name, values, 'at least one value');
  const rows = values.map((value) => ({
    [`${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`]: change(value),
  }));
  return Object.fromEntries(rowsOf(rows));
}

/** A row for every combination of the rows of two grids. */
export function product(first: Changes, second: Changes): Changes {
  const rows = Object.entries(first).flatMap(([name, change]) =>
    Object.entries(second).map(([other, also]) => ({ [`${name} ${other}`]: allOf(change, also) })),
  );
  return Object.fromEntries(rowsOf(rows));
}

/** The rows of several records together. @throws UserError when two have one name */
export function rowsOf<Row extends Change | WeightRow>(
  changes: Readonly<Record<string, Row>> | readonly Readonly<Record<string, Row>>[],
): [name: string, change: Row][] {
  const rows = [changes].flat().flatMap((each) => Object.entries(each as Record<string, Row>));
  const names = new Set<string>(['base']);
  for (const [name] of rows) {
    if (names.has(name))
      throw new UserError(
        `study.changes: two rows are called '${name}'${name === 'base' ? ', the name of the base' : ''}. Give one another name.`,
      );
    names.add(name);
  }
  return rows;
}
