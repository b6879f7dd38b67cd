import type { Interval } from '../../statistics/bootstrap.js';
import type { Metrics, TaskResult } from '../task-result.js';
import type { EvaluationSummary } from './summary.js';
import { plainMetric } from './summary.js';
import { controlTitle, taskTitle } from './titles.js';

/** `36.8% [28.0, 45.9]` */
export function percentText({ value, low, high }: Interval): string {
  return `${percent(value)}% [${percent(low)}, ${percent(high)}]`;
}

export const percent = (fraction: number) => (100 * fraction).toFixed(1);

/** What an evaluation came to, in one or two sentences. */
export function resultSentence({ headline, rivals }: Pick<EvaluationSummary, 'headline' | 'rivals'>): string {
  const { kind, n, items, metrics } = headline;
  const metric = plainMetric(headline);
  const said =
    kind === 'retrieval'
      ? `the right one of ${items} comes first for ${percentText(metrics[metric])} of ${n} queries and is among the first ten for ${percent(metrics['R@10'].value)}%`
      : `${metric} is ${percentText(metrics[metric])} over ${n} queries with ${items} answers to choose from`;
  const beside = besides(headline, metric);
  const others = rivals
    .filter((rival) => metric in rival.metrics)
    .map((rival) => `${rival.name} ${percent(rival.metrics[metric])}%`);
  return [`${taskTitle(headline)}: ${said}.`, `For comparison: ${[...beside, ...others].join(', ')}.`].join(' ');
}

/** Chance, and the controls that know nothing of the task. */
function besides({ chance, controls }: TaskResult, metric: string): string[] {
  const known: [string, Metrics | null | undefined][] = ['untrained', 'shuffledImage', 'bm25', 'majority'].map(
    (name) => [name, controls[name]],
  );
  return [
    ...(metric in chance ? [`chance ${percent(chance[metric])}%`] : []),
    ...known.flatMap(([name, own]) => (own ? [`${controlTitle(name)} ${percent(own[metric].value)}%`] : [])),
  ];
}
