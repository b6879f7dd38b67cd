import { differenceText } from '../../config/config-difference.js';
import { isIncomplete } from '../../data/found.js';
import { foundLines } from '../../data/found-text.js';
import type { Table } from '../../figures/figure.js';
import { type AblationRow, ablationTable } from '../../figures/plots/ablation-table.js';
import { type MetricRow, retrievalTable } from '../../figures/plots/metric-table.js';
import { fractionsOf } from '../../tasks/kinds/index.js';
import type { Cost } from '../run/cost.js';
import type { StudyResult } from '../run/study-result.js';
import { nameOfData } from '../studies/study-data.js';
import { verdict } from './findings-text.js';
import type { TableRow, TaskTable } from './study-table.js';

/** A task's rows on its primary metric, each with its difference from the base. */
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

/** A task's rows on every metric. */
export function metricsOf(result: StudyResult, { task, rows }: TaskTable): Table {
  const lines = rows.map(({ name, n, metrics }): MetricRow => {
    return { name, n, chance: task.chance, metrics: fractionsOf(task.kind, metrics) };
  });
  return retrievalTable(lines, captionOf(result, task));
}

function captionOf({ study, unfinished }: StudyResult, task: TaskTable['task']): string {
  const cells = study.cells.length;
  return `Study ${study.name}: ${task.name}, ${task.query} -> ${task.gallery} (${task.items} items, ${task.products} products), split ${study.split}, ${cells - unfinished.length} of ${cells} trials`;
}

/** A study as text: its tables, what every row changed, what it cost, what could be seen, and what is missing. */
export function studyText(result: StudyResult): string {
  const { study, tables, refused, unfinished } = result;
  const { budget, provenance, prediction } = study;
  const spent =
    budget.kind === 'items'
      ? `${budget.steps} updates of the base a trial, the same items for all`
      : `${budget.seconds} s a trial`;
  const head = [
    ...(study.found && isIncomplete(study.found) ? foundLines(study.found) : []),
    `${study.name} on ${nameOfData(study.data)}: ${spent}; seeds ${study.seeds.join(', ')}; split ${study.split}; ${provenance.backend}, ${provenance.threads} thread${provenance.threads > 1 ? 's' : ''} a trial`,
    ...(prediction ? [`Predicted: ${prediction}`] : []),
    ...refused.map(({ row, why }) => `REFUSED ${row}: ${why}. Mend the change, or leave the row out.`),
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
    `Rows, ${main.metric} against the base of the same seed; p of a sign flip over products, after Holm over the rows:`,
    ...rows,
    ...(effects.length
      ? ['', 'Main effects and interactions (mean with the changes less mean without):', ...effects]
      : []),
    ...others.flatMap((table) => ['', tableOf(result, table).text]),
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
  const said = finding
    ? [
        `    ${finding.words}; p ${shortP(finding.holm)}, effect size ${finding.effectSize === null ? '-' : finding.effectSize.toFixed(2)}`,
        `    ${finding.power}`,
      ]
    : [];
  return [
    `  ${row.name}${row.diff.length ? `: ${differenceText(row.diff)}` : ''}`,
    ...said,
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
