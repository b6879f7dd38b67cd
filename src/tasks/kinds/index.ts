import { UserError } from '../../checks/error.js';
import { alignment } from './alignment.js';
import { choice } from './choice.js';
import { classification } from './classification.js';
import type { TaskKind } from './kind.js';
import { multiLabel } from './multi-label.js';
import { retrieval } from './retrieval.js';
import { scored } from './score.js';
import { sensitivity } from './sensitivity.js';

export type { Answered, RanksOrNone, TaskKind } from './kind.js';

/** In the order in which tables show them. */
const kinds: TaskKind[] = [retrieval, classification, choice, multiLabel, alignment, sensitivity, scored];

/** All registered task kinds, in the order in which tables show them. */
export function taskKinds(): readonly TaskKind[] {
  return kinds;
}

/**
 * Look up a task kind by name.
 * @throws UserError for an unknown name
 */
export function taskKind(name: string): TaskKind {
  const found = kinds.find((kind) => kind.name === name);
  if (found) return found;
  const known = kinds.map((kind) => kind.name).join(' | ');
  throw new UserError(`kind: got '${name}', expected one of ${known}. Register a new kind with addTaskKind first.`);
}

/**
 * Register a task kind for evaluation, studies and tables in this process.
 * @throws UserError if the name is taken
 */
export function addTaskKind(kind: TaskKind): void {
  if (kinds.some(({ name }) => name === kind.name))
    throw new UserError(`kind: got '${kind.name}', which already exists. Choose another name.`);
  kinds.push(kind);
}

/** The metrics of a kind that are fractions from 0 to 1, as shown in tables of percentages. */
export function fractionsOf<T>(kind: string, metrics: Record<string, T>): Record<string, T> {
  const { counted = [] } = taskKind(kind);
  return Object.fromEntries(Object.entries(metrics).filter(([metric]) => !counted.includes(metric)));
}
