import type { Task } from '../task.js';
import { taskKind } from './index.js';
import type { Answered } from './kind.js';

/** The chance level of a task by metric: the exact score of random guessing, i.e. of embeddings that are all equal. */
export function chanceOf({
  kind,
  asks,
  items,
}: Pick<Task, 'kind' | 'items'> & {
  asks: readonly Pick<Task['asks'][number], 'gold' | 'choices'>[];
}): Record<string, number> {
  const all = [...new Set(items.map(({ id }) => id))];
  const golds = asks.map(({ gold }) => gold);
  const equal = asks.map(({ gold, choices: ids = all }): Answered => {
    const relevant = new Set(gold).size;
    const places = [...new Set(gold)].map(() => ({ before: 0, tied: ids.length - 1 }));
    return { before: 0, tied: ids.length - relevant, relevant, best: ids, places };
  });
  const ones = new Float64Array(asks.length).fill(1);
  const statistics = taskKind(kind).statistics(equal, golds);
  return Object.fromEntries(Object.entries(statistics).map(([metric, statistic]) => [metric, statistic(ones)]));
}
