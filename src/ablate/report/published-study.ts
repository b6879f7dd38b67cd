import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Table } from '../../figures/figure.js';
import { readJsonFile } from '../../store/json-file.js';
import type { StudyManifest } from '../run/study-folder.js';
import type { studyJson } from './export-table.js';
import type { TaskTable } from './study-table.js';
import { tableOf } from './study-text.js';

/** The published result of a ready study, which was run once for this repository. */
export interface PublishedStudy {
  table: Table;
  /** A sentence on what was run, and the finding of each row. */
  text: string;
  command: string;
}

/** The published result of a ready study in `notebooks/results`; undefined if there is none. */
export function publishedStudy(name: string): PublishedStudy | undefined {
  // This relative path holds both in the build and in the sources.
  const file = fileURLToPath(new URL(`../../../notebooks/results/${name}.json`, import.meta.url));
  if (!existsSync(file)) return undefined;
  const content = readJsonFile(file, 'restore the file from the repository') as unknown as ReturnType<
    typeof studyJson
  > &
    TaskTable & { study: StudyManifest };
  const { study, unfinished, findings } = content;
  const budget =
    study.budget.kind === 'items' ? `${study.budget.steps} updates` : `${study.budget.seconds} seconds of updates`;
  const results = findings.map((finding) => `${finding.name}: ${content.metric} ${finding.words}.`);
  return {
    table: tableOf({ folder: '', study, tables: [], refused: [], unfinished }, content),
    text: [`${study.seeds.length} seeds, ${budget} each, on ${study.split}.`, ...results].join('\n\n'),
    command: `npx moon-lab ablate --study ${name}`,
  };
}
