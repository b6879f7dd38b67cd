import type { Catalogue, Split } from '../data/types.js';
import { dataSetOf } from '../datasets/index.js';
import { noTask, tasksOf } from '../datasets/tasks.js';
import { sameCategory } from '../tasks/same-category.js';
import type { Task } from '../tasks/task.js';

/** The named tasks of the data set; by default those that say most, and `same-category`. */
export function comparedTasks(catalogue: Catalogue, split: Split, wanted?: readonly string[]): Task[] {
  const source = { catalogue, split, aliases: dataSetOf(catalogue).aliases };
  const own = sameCategory(source);
  const others = wanted?.filter((name) => !own.some((task) => task.name === name));
  const named = own.filter(({ name }) => !wanted || wanted.includes(name));
  if (others) return [...(others.length ? tasksOf(source, others) : []), ...named];
  const { headline, highlights } = dataSetOf(catalogue);
  const all = tasksOf(source).filter(({ isVariant }) => !isVariant);
  const usual = all.filter(({ name, kind }) =>
    highlights ? name === headline || highlights.includes(name) : kind === 'retrieval',
  );
  const tasks = [...(usual.length ? usual : all), ...named];
  if (!tasks.length) throw noTask(source);
  return tasks;
}
