import type { Aspect } from '../aspect-option.js';
import { type GroupTable, groupNames } from './option.js';

/** Number of the group that reads tokens of an aspect: 0 = the ordinary experts. */
export function groupNumbers(table: GroupTable): (aspect: Aspect) => number {
  const names: readonly (string | undefined)[] = groupNames(table);
  // An aspect that the table does not name is found nowhere: at -1.
  return (aspect) => 1 + names.indexOf(table[aspect]);
}
