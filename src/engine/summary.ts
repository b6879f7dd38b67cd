import { inspect } from 'node:util';

/** Returns what `console.log` prints for a record. */
type Summary<T> = (record: T) => string;

/**
 * Make `console.log` print a summary of a record. Returns the same record; its fields, JSON and copies do not change. `console.dir(record,
 * { customInspect: false })` prints the fields.
 */
export function summarised<T extends object>(record: T, summary: Summary<T>): T {
  return Object.defineProperty(record, inspect.custom, { value: () => summary(record), configurable: true });
}

/** As `summarised`, but copies by `{ ...record }` print their own summary. For records that are made by changing others. */
export function summarisedWithCopies<T extends object>(record: T, summary: Summary<T>): T {
  const value = function (this: T) {
    return summary(this);
  };
  return Object.defineProperty(record, inspect.custom, { value, enumerable: true, configurable: true });
}
