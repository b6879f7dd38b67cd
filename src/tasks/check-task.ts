import { UserError } from '../checks/error.js';
import { taskKind } from './kinds/index.js';
import type { Task } from './task.js';

/**
 * What a task of one's own can have wrong, before a network reads it.
 * @throws UserError for a kind that is not known, no query, fewer than two things to rank, or a query that nothing in the gallery is
 * right for
 */
export function checkTask({ name, kind, asks, items }: Task): void {
  taskKind(kind);
  if (!asks.length) throw new UserError(`${name}: the task has no query; leave it out.`);
  const offered = new Set(items.map(({ id }) => id));
  if (offered.size < 2)
    throw new UserError(`${name}: got ${offered.size} different items, expected at least 2 to be ranked.`);
  for (const { id, gold } of asks) {
    if (!gold.length) throw new UserError(`${name}: nothing is right for the query ${id}; leave it out.`);
    const lacking = gold.find((wanted) => !offered.has(wanted));
    if (lacking !== undefined)
      throw new UserError(`${name}: the query ${id} asks for ${lacking}, which is not among the items.`);
  }
}
