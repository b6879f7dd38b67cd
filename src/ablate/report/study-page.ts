import { join } from 'node:path';
import { forestRow } from '../../evaluate/contrast/forest-row.js';
import { reportPage, type Section } from '../../figures/page/page.js';
import { writePage } from '../../figures/page/write-page.js';
import { doseResponse } from '../../figures/plots/dose-response.js';
import { forestPlot } from '../../figures/plots/forest-plot.js';
import { writeFileAtomic } from '../../store/atomic.js';
import type { StudyResult } from '../run/study-result.js';
import { studyCsv, studyJson, studyLatex, studyMarkdown } from './export-table.js';
import { keptCurves, taskCurves } from './row-curves.js';
import type { TaskTable } from './study-table.js';
import { metricsOf, studyText, tableOf } from './study-text.js';

/** Write the tables of a study into its folder: table.json, .csv, .md, .tex, .txt, and study.html. */
export function writeTables(result: StudyResult): void {
  const write = (name: string, text: string) => writeFileAtomic(join(result.folder, name), text);
  write('table.json', `${JSON.stringify(studyJson(result), null, 2)}\n`);
  write('table.csv', studyCsv(result));
  write('table.md', studyMarkdown(result));
  write('table.tex', studyLatex(result));
  write('table.txt', `${studyText(result)}\n`);
  writePage(join(result.folder, 'study.html'), studyPage(result));
}

/** A page with tables, forest plots of the differences, and the text of the study. */
export function studyPage(result: StudyResult): string {
  const { study, tables } = result;
  return reportPage(`Study ${study.name}`, [
    ...tables.flatMap((table) => {
      const { task, metric, rows, findings, effects } = table;
      const title = `What each change does to ${metric}, ${task.name}`;
      return [
        {
          heading: `${task.name}: ${task.query} -> ${task.gallery}`,
          html: `${tableOf(result, table).html}\n${metricsOf(result, table).html}`,
          ...(findings.length ? { figure: forestPlot(findings.map(forestRow(rows[0].n)), { title, metric }) } : {}),
        },
        ...curvesOf(table),
        ...(effects.length
          ? [
              {
                heading: 'Main effects and interactions',
                figure: forestPlot(effects.map(forestRow(rows[0].n)), { title: 'Effects', metric, base: 'without' }),
              },
            ]
          : []),
      ];
    }),
    ...keptSections(result),
    { heading: 'In words', text: studyText(result).replaceAll('\n', '\n\n') },
  ]);
}

/** What the number that row names end in does to the metric, where rows have such names. */
function curvesOf(table: TaskTable): Section[] {
  const curves = taskCurves(table);
  const { task, metric } = table;
  if (!curves.length) return [];
  const chance = task.chance[metric];
  const figure = doseResponse(curves, {
    title: `${task.name} by the number of the row`,
    dose: 'number of the row',
    metric,
    chance,
  });
  return [{ heading: `${task.name} by the number of the row`, figure }];
}

/** What rows keep of the experts' gains. */
function keptSections({ kept, tables }: StudyResult): Section[] {
  if (!kept || 'none' in kept) return [];
  const n = tables.reduce((sum, { rows: [base] }) => sum + base.n, 0);
  const rows = kept.rows.map(({ name, mean: { value, low, high } }) => ({ name, difference: value, low, high, n }));
  const title = "Mean part of the experts' gains that each row keeps";
  const curves = keptCurves(kept, n);
  const metric = 'kept';
  return [
    { heading: title, figure: forestPlot(rows, { title, metric, base: 'the base; 100 is as good as the experts' }) },
    ...(curves.length
      ? [
          {
            heading: `${title}, by the number of the row`,
            figure: doseResponse(curves, { title, dose: 'number of the row', metric }),
          },
        ]
      : []),
  ];
}
