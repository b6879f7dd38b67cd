import { wrongOption } from '../checks/error.js';
import type { Catalogue } from '../data/types.js';
import { catalogueTasks } from '../tasks/catalogue-tasks.js';
import type { Protocol, Task, TaskSource } from '../tasks/task.js';
import { fashionTasks } from './fashion/tasks.js';
import { groceryTasks } from './grocery/tasks.js';
import { checkFolds } from './grocery/unseen-tasks.js';
import { shopTasks } from './shop/tasks.js';

/** Protocols by the adapter that read the data; any other catalogue has the benchmark's tasks. */
const protocols: Record<string, Protocol> = { grocery: groceryTasks, fashion: fashionTasks, shop: shopTasks };

/**
 * The tasks of a catalogue. `wanted` are names or their beginnings up to a dot: `g1` is all of G1, `g1.full` one row.
 * @throws UserError for a name that no task has, with the names that there are; for unseen products of data without folds
 */
export function tasksOf(source: TaskSource, wanted?: readonly string[]): Task[] {
  const { adapter } = source.catalogue;
  if (source.unseen) checkFolds(source.catalogue);
  const protocol = Object.hasOwn(protocols, adapter) ? protocols[adapter] : catalogueTasks;
  if (!wanted) return protocol(source);
  const asksFor = (name: string, task: string) => task === name || task.startsWith(`${name}.`);
  const isWanted = (task: string) => wanted.some((name) => asksFor(name, task));
  const tasks = protocol({ ...source, isWanted }).filter(({ name }) => isWanted(name));
  for (const name of wanted) {
    if (tasks.some((task) => asksFor(name, task.name))) continue;
    const known = protocol(source)
      .map((task) => task.name)
      .join(' | ');
    throw wrongOption('tasks', name, known ? `names of ${known}` : `no name: split '${source.split}' has no task`);
  }
  return tasks;
}

/** The one task by which networks are compared: the headline of the data's protocol. */
export function headlineTask({ adapter }: Pick<Catalogue, 'adapter'>): string {
  const headlines: Record<string, string> = { grocery: 'g1.full', fashion: 'title-to-image' };
  return headlines[adapter] ?? 'retrieval.image';
}
