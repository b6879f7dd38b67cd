import type { Aspect } from '../aspect-option.js';
import { type GroupTable, groupNames } from './option.js';

/** Returns the group number of an aspect; 0 = the ordinary experts. */
export function groupNumbers(table: GroupTable): (aspect: Aspect) => number {
  const names: readonly (string | undefined)[] = groupNames(table);
  // indexOf gives -1 for an aspect that is not in the table.
  return (aspect) => 1 + names.indexOf(table[aspect]);
}
