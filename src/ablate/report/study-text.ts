import { differenceText } from '../../config/config-difference.js';
import { isIncomplete } from '../../data/found.js';
import { foundLines } from '../../data/found-text.js';
import { verdict } from '../../evaluate/contrast/findings-text.js';
import { productsText } from '../../evaluate/seen-products.js';
import { splitTitle, taskTitle } from '../../evaluate/summary/titles.js';
import type { Table } from '../../figures/figure.js';
import { type AblationRow, ablationTable } from '../../figures/plots/ablation-table.js';
import { type MetricRow, retrievalTable } from '../../figures/plots/metric-table.js';
import { fractionsOf } from '../../tasks/kinds/index.js';
import type { Cost } from '../run/cost.js';
import type { StudyResult } from '../run/study-result.js';
import { nameOfData } from '../studies/study-data.js';
import { keptGainsText } from './kept-gains.js';
import type { TableRow, TaskTable } from './study-table.js';

/** The rows of a task on its primary metric, with differences from the base. */
export function tableOf(result: StudyResult, { task, metric, rows, findings }: TaskTable): Table {
  const found = new Map(findings.map((finding) => [finding.name, finding]));
  return ablationTable(
    rows.map(({ name, n, metrics, seeds }): AblationRow => {
      const finding = found.get(name);
      const own = { name, n, seeds: seeds.length, score: metrics[metric] };
      if (!finding) return own;
      const { difference, holm: p, distinguishable } = finding;
      return { ...own, difference, p, note: verdict(distinguishable, finding.seeds.length) };
    }),
    {
      caption: captionOf(result, task),
      metric,
      chance: task.chance[metric],
      detectable: findings.length ? Math.max(...findings.map(({ detectable }) => detectable)) : undefined,
    },
  );
}

/** The rows of a task on all metrics. */
export function metricsOf(result: StudyResult, { task, rows }: TaskTable): Table {
  const lines = rows.map(({ name, n, metrics }): MetricRow => {
    return { name, n, chance: task.chance, metrics: fractionsOf(task.kind, metrics) };
  });
  return retrievalTable(lines, captionOf(result, task));
}

function captionOf({ study, unfinished }: StudyResult, task: TaskTable['task']): string {
  const trials = study.trials.length;
  return `Study ${study.name}: ${taskTitle(task)}, ${task.query} -> ${task.gallery} (${task.items} items, ${productsText[task.products]}), ${splitTitle[study.split]} split, ${trials - unfinished.length} of ${trials} trials`;
}

/** A study as text: its tables, and for each row its change, cost and finding; then what is unfinished. */
export function studyText(result: StudyResult): string {
  const { study, tables, refused, unfinished, kept } = result;
  const { budget, provenance, prediction } = study;
  const spent =
    budget.kind === 'items'
      ? `${budget.steps} updates of the base per trial, the same number of items for all rows`
      : `${budget.seconds} s of training per trial`;
  const head = [
    ...(study.found && isIncomplete(study.found) ? foundLines(study.found) : []),
    `${study.name} on ${nameOfData(study.data)}: ${spent}; seeds ${study.seeds.join(', ')}; split ${study.split}; ${provenance.backend}, ${provenance.threads} thread${provenance.threads > 1 ? 's' : ''} per trial`,
    ...(prediction ? [`Predicted: ${prediction}`] : []),
    ...refused.map(({ row, why }) => `EXCLUDED ${row}: ${why}. Fix the change, or remove the row.`),
  ];
  const [main, ...others] = tables;
  if (!main) return [...head, 'No trial of the base is finished yet.'].join('\n');
  const rows = main.rows.flatMap((row) => rowLines(row, main));
  const effects = main.effects.map(({ name, words }) => `  ${name}: ${main.metric} ${words}`);
  return [
    ...head,
    '',
    tableOf(result, main).text,
    '',
    metricsOf(result, main).text,
    '',
    `Rows: ${main.metric} compared with the base of the same seed; p-values of a sign-flip test over products, after Holm's correction over the rows:`,
    ...rows,
    ...(effects.length
      ? ['', 'Main effects and interactions (mean with the changes minus mean without):', ...effects]
      : []),
    ...others.flatMap((table) => ['', tableOf(result, table).text]),
    ...(kept ? ['', keptGainsText(kept)] : []),
    ...(unfinished.length
      ? [
          '',
          `Not finished: ${unfinished.map(({ row, seed }) => `${row} seed ${seed}`).join(', ')}. The same command resumes.`,
        ]
      : []),
  ].join('\n');
}

function rowLines(row: TableRow, { findings }: TaskTable): string[] {
  const finding = findings.find(({ name }) => name === row.name);
  const findingLines = finding
    ? [
        `    ${finding.words}; p ${shortP(finding.holm)}, effect size ${finding.effectSize === null ? '-' : finding.effectSize.toFixed(2)}`,
        `    ${finding.power}`,
      ]
    : [];
  return [
    `  ${row.name}${row.diff.length ? `: ${differenceText(row.diff)}` : ''}`,
    ...findingLines,
    `    ${costText(row.cost)}`,
  ];
}

export const shortP = (p: number) => (p < 0.001 ? '< 0.001' : p.toFixed(3));

/** `1.91 M parameters (0.92 M active), 18.3 TFLOP, 412 s, 0.9 GB` */
export function costText({ parameters, activeParameters, flops, seconds, memory }: Cost): string {
  const millions = (count: number) => `${(count / 1e6).toFixed(2)} M`;
  return [
    `${millions(parameters)} parameters (${millions(activeParameters)} active)`,
    `${(flops / 1e12).toPrecision(3)} TFLOP`,
    `${seconds.toFixed(0)} s`,
    ...(memory === null ? [] : [`${(memory / 1e9).toFixed(1)} GB`]),
  ].join(', ');
}
