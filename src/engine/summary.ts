import { inspect } from 'node:util';

/** What `console.log` prints of a record. */
type Summary<T> = (record: T) => string;

/**
 * The same record, of which `console.log` prints a summary. It stays plain: its fields, its JSON and its copies know nothing of it.
 * `console.dir(record, { customInspect: false })` prints the fields.
 */
export function summarised<T extends object>(record: T, summary: Summary<T>): T {
  return Object.defineProperty(record, inspect.custom, { value: () => summary(record), configurable: true });
}

/** The same, but copies by `{ ...record }` print a summary of their own: for records that are made by changing others. */
export function summarisedWithCopies<T extends object>(record: T, summary: Summary<T>): T {
  const value = function (this: T) {
    return summary(this);
  };
  return Object.defineProperty(record, inspect.custom, { value, enumerable: true, configurable: true });
}
