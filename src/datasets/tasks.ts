import { UserError, wrongOption } from '../checks/error.js';
import { countFound, countPairs } from '../data/found.js';
import { formsText, pairsText } from '../data/found-text.js';
import type { Catalogue } from '../data/types.js';
import type { Task, TaskSource } from '../tasks/task.js';
import { foldsOf } from './folds.js';
import { dataSetOf } from './index.js';

/**
 * The tasks of a catalogue, by the protocol of its data set. `wanted` are names or their beginnings up to a dot: `g1` is all of G1,
 * `g1.full` one row.
 * @throws UserError for a name that no task has, with the names that there are; for a split that asks nothing, with those that do; for
 * unseen products of data without folds
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
    const known = protocol(own).map((task) => task.name);
    if (!known.length) throw noTask(source);
    const forms = countPairs(source.catalogue.pairs)[source.split];
    const asks = forms ? `${formsText(forms)} queries` : 'no queries of its own';
    throw wrongOption('tasks', name, `names of ${known.join(' | ')}`, `Split '${source.split}' has ${asks}.`);
  }
  return tasks;
}

/** Why a split has no task, with the queries that there are. */
export function noTask({ catalogue, split }: Pick<TaskSource, 'catalogue' | 'split'>): UserError {
  const { pairs, products } = countFound(catalogue);
  const own = pairs[split];
  if (own)
    return new UserError(
      `split: got '${split}', whose ${formsText(own)} queries fit none of the tasks; of ${products.all} products ${products.image} have an image and ${products.title} a title. Look at them with moon-lab data inspect, or choose another split or task.`,
    );
  return new UserError(
    `split: got '${split}', for which ${catalogue.root || catalogue.adapter} has no queries; the queries by split are: ${pairsText(pairs)}. Choose a split that has some.`,
  );
}

/** The one task by which networks are compared: the headline of the catalogue's data set. */
export function headlineTask(catalogue: Pick<Catalogue, 'adapter'>): string {
  return dataSetOf(catalogue).headline;
}
