import { UserError } from '../../checks/error.js';
import { classification } from './classification.js';
import type { TaskKind } from './kind.js';
import { retrieval } from './retrieval.js';

export type { Answered, RanksOrNone, TaskKind } from './kind.js';

/** In the order of tables. */
const kinds: TaskKind[] = [retrieval, classification];

/** All kinds of task that there are, in the order of tables. */
export function taskKinds(): readonly TaskKind[] {
  return kinds;
}

/** The kind of this name. @throws UserError for a name that no kind has */
export function taskKind(name: string): TaskKind {
  const found = kinds.find((kind) => kind.name === name);
  if (found) return found;
  const known = kinds.map((kind) => kind.name).join(' | ');
  throw new UserError(`kind: got '${name}', expected one of ${known}; make it known with addTaskKind first.`);
}

/** Make a kind of task known to evaluation, studies and tables of this process. @throws UserError for a name that is taken */
export function addTaskKind(kind: TaskKind): void {
  if (kinds.some(({ name }) => name === kind.name))
    throw new UserError(`kind: got '${kind.name}', which there is already; choose another name.`);
  kinds.push(kind);
}

/** The metrics of a kind that are fractions from 0 to 1: what tables of percents show. */
export function fractionsOf<T>(kind: string, metrics: Record<string, T>): Record<string, T> {
  const { counted = [] } = taskKind(kind);
  return Object.fromEntries(Object.entries(metrics).filter(([metric]) => !counted.includes(metric)));
}
