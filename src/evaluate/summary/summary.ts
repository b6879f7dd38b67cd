import type { Rival } from '../../datasets/data-set.js';
import { dataSetOf } from '../../datasets/index.js';
import { fractionsOf } from '../../tasks/kinds/index.js';
import type { Evaluation } from '../evaluate.js';
import type { TaskResult } from '../task-result.js';

/** The few results of an evaluation that a reader looks at first. */
export interface EvaluationSummary {
  /** The task by which networks are compared; the first one where it was not measured. */
  headline: TaskResult;
  /** Figures of other methods on the same queries. */
  rivals: Rival[];
  /** Other tasks that say most, no variations among them. */
  others: TaskResult[];
}

/** @throws Error for an evaluation without tasks, which nothing makes */
export function summaryOf({ data, split, tasks }: Pick<Evaluation, 'data' | 'split' | 'tasks'>): EvaluationSummary {
  const { headline: name, highlights, rivals = [] } = dataSetOf({ adapter: data });
  const headline = tasks.find((task) => task.name === name) ?? tasks[0];
  const rest = tasks.filter((task) => task !== headline && !task.isVariant);
  const wanted = highlights?.flatMap((own) => rest.filter((task) => task.name === own)) ?? [];
  return {
    headline,
    // A figure holds for the very queries and products that it was measured on.
    rivals: rivals.filter(
      (rival) =>
        rival.task === headline.name &&
        rival.split === split &&
        rival.n === headline.n &&
        rival.items === headline.items,
    ),
    others: wanted.length ? wanted : rest.slice(0, 3),
  };
}

/** The metric that a reader knows best: the first fraction of the task's kind. */
export function plainMetric({ kind, metrics }: Pick<TaskResult, 'kind' | 'metrics'>): string {
  return Object.keys(fractionsOf(kind, metrics))[0];
}
