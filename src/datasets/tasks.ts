import { UserError, wrongOption } from '../checks/error.js';
import { countFound, countPairs } from '../data/found.js';
import { formsText, pairsText } from '../data/found-text.js';
import type { Catalogue } from '../data/types.js';
import { nearPath } from '../store/near-path.js';
import type { Task, TaskSource } from '../tasks/task.js';
import { foldsOf } from './folds.js';
import { dataSetOf } from './index.js';

/**
 * The tasks of a catalogue according to the protocol of its data set.
 * @param wanted task names or prefixes up to a dot: `g1` selects all of G1, `g1.full` a single task; default all
 * @throws UserError for an unknown task name, for a split without tasks, and for unseen products of data without folds
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
    const known = protocol({ ...own, isWanted: () => true }).map((task) => task.name);
    if (!known.length) throw noTask(source);
    const forms = countPairs(source.catalogue.pairs)[source.split];
    const asks = forms ? `${formsText(forms)} queries` : 'no queries of its own';
    throw wrongOption('tasks', name, `names of ${known.join(' | ')}`, `Split '${source.split}' has ${asks}.`);
  }
  return tasks;
}

/** The error for a split without tasks. It lists the queries that exist. */
export function noTask({ catalogue, split }: Pick<TaskSource, 'catalogue' | 'split'>): UserError {
  const { pairs, products } = countFound(catalogue);
  const own = pairs[split];
  if (own)
    return new UserError(
      `split: got '${split}', whose ${formsText(own)} queries fit none of the tasks. Of ${products.all} products, ${products.image} have an image and ${products.title} have a title. Inspect the data with moon-lab data inspect, or choose another split or task.`,
    );
  return new UserError(
    `split: got '${split}', for which ${catalogue.root ? nearPath(catalogue.root) : catalogue.adapter} has no queries. Queries by split: ${pairsText(pairs)}. Choose a split with queries${catalogue.root ? `, or hold products out: npx moon-lab new STUDY --data ${nearPath(catalogue.root)}` : ''}.`,
  );
}

/** The task by which models are compared: the headline of the catalogue's data set. */
export function headlineTask(catalogue: Pick<Catalogue, 'adapter'>): string {
  return dataSetOf(catalogue).headline;
}
