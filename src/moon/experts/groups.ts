import type { Aspect } from '../sequence.js';

/**
 * Named groups of experts: aspect of a token -> group that reads it. Each group is one expert. An aspect that the table does not name goes to
 * the ordinary experts, by the gate. Groups are numbered from 1 in the order in which the table names them; 0 are the ordinary experts.
 */
export type GroupTable = Readonly<Partial<Record<Aspect, string>>>;

/** The paper's FFN_cate and FFN_attr (figure 5). */
export const paperGroups: GroupTable = { category: 'category', attribute: 'attribute' };

/** Names of a table's groups, each once, in order. */
export function groupNames(table: GroupTable): string[] {
  return [...new Set(Object.values(table))];
}

/** Number of the group that reads tokens of an aspect: 0 = the ordinary experts. */
export function groupNumbers(table: GroupTable): (aspect: Aspect) => number {
  const names: readonly (string | undefined)[] = groupNames(table);
  // An aspect that the table does not name is found nowhere: at -1.
  return (aspect) => 1 + names.indexOf(table[aspect]);
}
