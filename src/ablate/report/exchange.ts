import { UserError, wrongOption } from '../../checks/error.js';
import { statisticsBySeed } from '../../evaluate/measure.js';
import { reportPage } from '../../figures/page/page.js';
import { exchangePlot } from '../../figures/plots/exchange-plot.js';
import { type ExchangeRate, exchangeRate, type MetricPair } from '../../statistics/exchange-rate.js';
import { taskKind } from '../../tasks/kinds/index.js';
import { finishedRows, readStudy } from '../run/study-folder.js';
import type { TrialResult } from '../run/trial.js';

/** The exchange rate of the primary metrics of two tasks over the trials of a study. */
export interface StudyExchange extends ExchangeRate {
  names: [intermediate: string, downstream: string];
  pairs: (MetricPair & { seed: number })[];
}

/**
 * What a change of one task's primary metric was worth in another's, over all finished trials of a study; its rows are the groups.
 * @throws UserError for a task that the study did not measure, or too few rows
 */
export function studyExchange(folder: string, [from, to]: readonly [string, string]): StudyExchange {
  const rows = finishedRows(folder, readStudy(folder));
  const pairs = rows.flatMap(({ name, results }) =>
    [...results].map(([seed, result]) => ({
      group: name,
      seed,
      intermediate: primaryOf(result, from).value,
      downstream: primaryOf(result, to).value,
    })),
  );
  const found = exchangeRate(pairs);
  if (!found)
    throw new UserError(
      `${folder}: has ${pairs.length} finished trials of ${rows.filter(({ results }) => results.size).length} rows, expected at least three rows that differ in ${from}.`,
    );
  const [first] = rows.flatMap(({ results }) => [...results.values()]);
  const nameOf = (task: string) => `${task} ${primaryOf(first, task).metric}`;
  return { ...found, names: [nameOf(from), nameOf(to)], pairs };
}

function primaryOf({ tasks, rows }: TrialResult, name: string): { metric: string; value: number } {
  const task = tasks.find((each) => each.name === name);
  if (!task) throw wrongOption('exchange', name, `two of ${tasks.map((each) => each.name).join(' | ')}`);
  const answers = rows.filter((row) => row.task === name);
  const { primary } = taskKind(task.kind);
  const golds = answers.map(({ gold }) => gold);
  const ones = new Float64Array(answers.length).fill(1);
  return { metric: primary, value: statisticsBySeed(task.kind, [answers], golds)[primary][0](ones) };
}

export function exchangeText({ names, rate, rankCorrelation, runs, groups }: StudyExchange): string {
  const order = rankCorrelation === null ? '' : `; rank correlation ${rankCorrelation.toFixed(2)}`;
  const shown = (value: number) => value.toFixed(2);
  const sign =
    rate.low > 0
      ? 'they rise together'
      : rate.high < 0
        ? 'one falls as the other rises'
        : 'no exchange is distinguishable';
  return `One point of ${names[0]} is worth ${shown(rate.value)} [${shown(rate.low)}, ${shown(rate.high)}] points of ${names[1]} over ${runs} runs of ${groups} rows${order}: ${sign}.`;
}

export function exchangePage(exchange: StudyExchange): string {
  const { names, pairs, rate, intercept } = exchange;
  return reportPage(`${names[0]} and ${names[1]}`, [
    {
      heading: 'Exchange rate',
      text: exchangeText(exchange),
      figure: exchangePlot(pairs, { names, line: { rate, intercept } }),
    },
  ]);
}
