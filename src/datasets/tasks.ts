import { wrongOption } from '../checks/error.js';
import type { Catalogue } from '../data/types.js';
import type { Task, TaskSource } from '../tasks/task.js';
import { foldsOf } from './folds.js';
import { dataSetOf } from './index.js';

/**
 * The tasks of a catalogue, by the protocol of its data set. `wanted` are names or their beginnings up to a dot: `g1` is all of G1,
 * `g1.full` one row.
 * @throws UserError for a name that no task has, with the names that there are; for unseen products of data without folds
 */
export function tasksOf(source: TaskSource, wanted?: readonly string[]): Task[] {
  const { tasks: protocol, aliases } = dataSetOf(source.catalogue);
  if (source.unseen) foldsOf(source.catalogue);
  const own: TaskSource = { aliases, ...source };
  if (!wanted) return protocol(own);
  const asksFor = (name: string, task: string) => task === name || task.startsWith(`${name}.`);
  const isWanted = (task: string) => wanted.some((name) => asksFor(name, task));
  const tasks = protocol({ ...own, isWanted }).filter(({ name }) => isWanted(name));
  for (const name of wanted) {
    if (tasks.some((task) => asksFor(name, task.name))) continue;
    const known = protocol(own)
      .map((task) => task.name)
      .join(' | ');
    throw wrongOption('tasks', name, known ? `names of ${known}` : `no name: split '${source.split}' has no task`);
  }
  return tasks;
}

/** The one task by which networks are compared: the headline of the catalogue's data set. */
export function headlineTask(catalogue: Pick<Catalogue, 'adapter'>): string {
  return dataSetOf(catalogue).headline;
}
