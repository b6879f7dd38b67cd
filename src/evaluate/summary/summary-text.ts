import { madeText } from '../../data/found-text.js';
import { alignColumns } from '../../figures/plots/align-columns.js';
import { fractionsOf } from '../../tasks/kinds/index.js';
import type { Evaluation } from '../evaluate.js';
import { productsText } from '../seen-products.js';
import type { TaskResult } from '../task-result.js';
import { metricRows } from './metric-rows.js';
import { percent, percentText } from './result-sentence.js';
import { type EvaluationSummary, plainMetric, summaryOf } from './summary.js';
import { controlTitle, splitTitle, taskTitle } from './titles.js';

/** Tasks that a summary shows beside the headline when it is to show all; the others are counted. */
const MOST = 12;

/**
 * The headline of an evaluation beside chance, controls and rivals, then other tasks in a line each: about 25 lines for a terminal.
 * @param all show every task that is no variation, up to twelve, in place of the ones that say most
 */
export function summaryText(evaluation: Evaluation, { all = false } = {}): string {
  const summary = summaryOf(evaluation);
  const { headline } = summary;
  const main = evaluation.tasks.filter((task) => task !== headline && !task.isVariant);
  const others = all ? main.slice(0, MOST) : summary.others;
  const { queriesFrom } = evaluation.found;
  const missing = evaluation.missingImages
    ? [`${evaluation.missingImages} images were not read and are left out.`]
    : [];
  return [
    headlineText(evaluation, summary),
    ...(others.length ? ['', ...alignColumns([['other tasks', 'n', 'result', 'beside it'], ...others.map(line)])] : []),
    ...(queriesFrom === undefined ? [] : [`queries: ${madeText(queriesFrom)}`]),
    ...missing,
  ].join('\n');
}

function headlineText({ split, seeds }: Evaluation, { headline, rivals }: EvaluationSummary): string {
  const { kind, n, items, products, chance } = headline;
  const metrics = Object.keys(fractionsOf(kind, headline.metrics));
  const [own, ...controls] = metricRows(headline).map(({ name, metrics: values }) => [
    name,
    ...metrics.map((metric) => (values[metric] ? percentText(values[metric]).replace('%', '') : '-')),
  ]);
  const figures = (name: string, values: Record<string, number>) => [
    `  ${name}`,
    ...metrics.map((metric) => (metric in values ? percent(values[metric]) : '-')),
  ];
  const rows = [
    ['', ...metrics.map((metric) => `${metric} %`)],
    own,
    ...controls,
    figures('chance', chance),
    ...rivals.map((rival) => figures(`${rival.name}*`, rival.metrics)),
  ];
  const sources = [...new Set(rivals.map(({ source }) => source))];
  return [
    `${n} queries of the ${splitTitle[split]} split, ${items} answers to choose from, ${productsText[products]}${seeds.length ? `, seed${seeds.length > 1 ? 's' : ''} ${seeds.join(', ')}` : ''}; 95% intervals in brackets`,
    ...alignColumns(rows),
    ...sources.map((source) => `* ${source}`),
  ].join('\n');
}

/** One task in one line. */
function line(task: TaskResult): string[] {
  const { n, metrics, chance, controls } = task;
  const metric = plainMetric(task);
  const beside = ['untrained', 'bm25', 'majority'].flatMap((name) => {
    const own = controls[name]?.[metric];
    return own ? [`${controlTitle(name)} ${percent(own.value)}`] : [];
  });
  return [
    taskTitle(task),
    String(n),
    `${metric} ${percentText(metrics[metric])}`,
    [`chance ${percent(chance[metric])}`, ...beside].join(', '),
  ];
}
