import type { Task } from '../../tasks/task.js';
import type { System } from '../systems/system.js';

/** A task as several systems can answer it together. */
export interface SharedTask {
  task: Task;
  /** Positions of the systems that answer it. */
  answering: number[];
  /** Name of a system -> why it does not answer. */
  reasons: Record<string, string>;
}

/**
 * Restrict a task to the queries and items that all systems know; a system that cannot answer it at all stands aside, with its reason. What is left
 * out is counted in the task. `none`, with the reasons, if nothing is left to compare: the first system stands aside, or no query keeps a right item.
 */
export function sharedTask(task: Task, systems: readonly System[]): SharedTask | { none: Record<string, string> } {
  const reasons: Record<string, string> = {};
  const answering: number[] = [];
  let { asks, items } = task;
  const leftOut = { ...task.leftOut };
  systems.forEach((system, at) => {
    const known = system.covers(task);
    const why = 'none' in known ? known.none : known.asks.size && known.items.size > 1 ? undefined : lacking(known);
    if (why !== undefined) {
      reasons[system.name] = why;
      return;
    }
    if ('none' in known) return;
    answering.push(at);
    items = keep(items, known.items, `items that ${system.name} does not know`, leftOut);
    asks = keep(asks, known.asks, `queries that ${system.name} does not know`, leftOut);
  });
  const offered = new Set(items.map(({ id }) => id));
  const findable = asks.flatMap((ask) => {
    const gold = ask.gold.filter((id) => offered.has(id));
    return gold.length ? [{ ...ask, gold }] : [];
  });
  if (findable.length < asks.length) leftOut['queries whose right items are left out'] = asks.length - findable.length;
  if (answering[0] !== 0 || !findable.length || offered.size < 2) return { none: reasons };
  const isWhole = findable.length === task.asks.length && items.length === task.items.length;
  // What is attainable was computed for all queries and items.
  const { attainable, ...rest } = task;
  const kept = { ...rest, ...(isWhole && attainable ? { attainable } : {}), asks: findable, items, leftOut };
  return { task: kept, answering, reasons };
}

function keep<T extends { id: string }>(
  own: T[],
  known: ReadonlySet<string>,
  what: string,
  leftOut: Record<string, number>,
): T[] {
  const kept = own.filter(({ id }) => known.has(id));
  if (kept.length < own.length) leftOut[what] = own.length - kept.length;
  return kept;
}

const lacking = ({ asks, items }: { asks: ReadonlySet<string>; items: ReadonlySet<string> }): string =>
  asks.size ? `it knows ${items.size} of the items` : 'it knows none of the queries';
