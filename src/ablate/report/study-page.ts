import { join } from 'node:path';
import { forestRow } from '../../evaluate/contrast/forest-row.js';
import { reportPage } from '../../figures/page/page.js';
import { writePage } from '../../figures/page/write-page.js';
import { forestPlot } from '../../figures/plots/forest-plot.js';
import { writeFileAtomic } from '../../store/atomic.js';
import type { StudyResult } from '../run/study-result.js';
import { studyCsv, studyJson, studyLatex, studyMarkdown } from './export-table.js';
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
    { heading: 'In words', text: studyText(result).replaceAll('\n', '\n\n') },
  ]);
}
