import { UserError } from '../checks/error.js';
import { taskKind } from './kinds/index.js';
import type { Task } from './task.js';

/**
 * Check a user-defined task before it is embedded.
 * @throws UserError for an unknown kind, a task without queries, fewer than two items, or a query without a correct item among those that it is offered
 */
export function checkTask({ name, kind, asks, items }: Task): void {
  taskKind(kind);
  if (!asks.length) throw new UserError(`${name}: the task has no query. Leave it out.`);
  const offered = new Set(items.map(({ id }) => id));
  if (offered.size < 2)
    throw new UserError(`${name}: got ${offered.size} distinct items, expected at least 2 to rank.`);
  for (const { id, gold, choices } of asks) {
    const wrong = choices?.find((each) => !offered.has(each));
    if (wrong !== undefined)
      throw new UserError(`${name}: the choice ${wrong} of the query ${id} is not among the items. Add it.`);
    const own = choices ? new Set(choices) : offered;
    if (!gold.length) throw new UserError(`${name}: the query ${id} has no correct item. Leave it out.`);
    const lacking = gold.find((wanted) => !own.has(wanted));
    if (lacking !== undefined)
      throw new UserError(
        `${name}: the correct item ${lacking} of the query ${id} is not among the items. Add it, or leave the query out.`,
      );
  }
}
