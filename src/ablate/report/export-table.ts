import { differenceText } from '../../config/config-difference.js';
import { csvCell } from '../../data/tables/csv-cell.js';
import type { Finding } from '../../evaluate/contrast/finding.js';
import { estimate, points, verdict } from '../../evaluate/contrast/findings-text.js';
import { fractionsOf } from '../../tasks/kinds/index.js';
import type { StudyResult } from '../run/study-result.js';
import type { TableRow, TaskTable } from './study-table.js';
import { costText, shortP } from './study-text.js';

/** The JSON output of a study: the rows of the headline task at the top level, then everything else. */
export function studyJson({ study, tables, refused, unfinished, measures = {}, kept }: StudyResult) {
  const [main, ...others] = tables;
  const { rows, ...rest } = main ?? { rows: [] };
  const measured = Object.keys(measures).length ? { measures } : {};
  return { rows, study, ...rest, others, refused, unfinished, ...measured, ...(kept && { kept }) };
}

/** CSV with one line per task, row and metric. Main effects and interactions of a factorial design follow the rows of their task. */
export function studyCsv({ tables }: StudyResult): string {
  const head =
    'task,row,metric,value,low,high,difference,difference_low,difference_high,p,holm,n,seeds,parameters,active_parameters,flops,seconds,memory,diff';
  const lines = tables.flatMap(({ task, metric: primary, rows, findings, effects }) => [
    ...rows.flatMap((row) =>
      Object.entries(row.metrics).map(([metric, { value, low, high }]) => {
        const own = row.difference[metric] as TableRow['difference'][string] | undefined;
        const holm = metric === primary ? findings.find(({ name }) => name === row.name)?.holm : undefined;
        const { parameters, activeParameters, flops, seconds, memory } = row.cost;
        const cost = [parameters, activeParameters, flops, seconds, memory];
        const difference = [own?.value, own?.low, own?.high, own?.p, holm];
        const all = [task.name, row.name, metric, value, low, high, ...difference, row.n, row.seeds.join(' '), ...cost];
        return [...all, differenceText(row.diff)].map(csvCell).join(',');
      }),
    ),
    ...effects.map(({ name, difference: { value, low, high }, p, holm, seeds }) => {
      const none = [undefined, undefined, undefined];
      const effect = [task.name, `effect of ${name}`, primary, ...none, value, low, high, p, holm];
      return [...effect, rows[0].n, seeds.join(' '), ...none, ...none].map(csvCell).join(',');
    }),
  ]);
  return `${[head, ...lines].join('\n')}\n`;
}

/** One Markdown table per task. */
export function studyMarkdown(result: StudyResult): string {
  const escaped = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`;
  return result.tables
    .map((table) => {
      const { head, body } = cellsOf(table);
      return [line(head), line(head.map(() => '---')), ...body.map(line), ''].join('\n');
    })
    .join('\n');
}

/** One LaTeX `tabular` per task. */
export function studyLatex(result: StudyResult): string {
  const line = (cells: readonly string[]) => `${cells.map(latexText).join(' & ')} \\\\`;
  return result.tables
    .map((table) => {
      const { head, body } = cellsOf(table);
      return [
        `% ${table.task.name}, split ${result.study.split}`,
        `\\begin{tabular}{l${'r'.repeat(head.length - 2)}l}`,
        '\\hline',
        line(head),
        '\\hline',
        ...body.map(line),
        '\\hline',
        '\\end{tabular}',
        '',
      ].join('\n');
    })
    .join('\n');
}

const latexSigns: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
};

function latexText(text: string): string {
  return text.replace(/[\\~^<>#$%&_{}]/g, (sign) => latexSigns[sign] ?? `\\${sign}`);
}

/** Head and body of the table of a task, as text cells. */
function cellsOf({ task, metric, rows, findings, effects }: TaskTable): { head: string[]; body: string[][] } {
  const others = Object.keys(fractionsOf(task.kind, rows[0].metrics)).filter((name) => name !== metric);
  const head = [
    task.name,
    `${metric} %`,
    ...others.map((name) => `${name} %`),
    `${metric} difference`,
    'p (Holm)',
    'n x seeds',
    'cost',
    'change and finding',
  ];
  const body = rows.map((row) => {
    const finding = findings.find(({ name }) => name === row.name);
    return [
      row.name,
      estimate(row.metrics[metric]),
      ...others.map((name) => points(row.metrics[name].value)),
      finding ? estimate(finding.difference) : '',
      finding ? shortP(finding.holm) : '',
      `${row.n} x ${row.seeds.length}`,
      costText(row.cost),
      finding ? `${differenceText(row.diff)}: ${found(finding)}` : '',
    ];
  });
  // Main effects and interactions have no score and no cost.
  const ofEffects = effects.map((effect) => [
    `effect of ${effect.name}`,
    '',
    ...others.map(() => ''),
    estimate(effect.difference),
    shortP(effect.holm),
    `${rows[0].n} x ${effect.seeds.length}`,
    '',
    found(effect),
  ]);
  return { head, body: [...body, ...ofEffects] };
}

const found = ({ distinguishable, seeds }: Finding) => verdict(distinguishable, seeds.length);
