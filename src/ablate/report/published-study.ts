import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Table } from '../../figures/figure.js';
import { readJsonFile } from '../../store/json-file.js';
import type { StudyManifest } from '../run/study-folder.js';
import type { studyJson } from './export-table.js';
import type { TaskTable } from './study-table.js';
import { tableOf } from './study-text.js';

/** A ready study as it was run once for this repository. */
export interface PublishedStudy {
  table: Table;
  /** What was run, in a sentence, and what each row came to. */
  text: string;
  command: string;
}

/** The results of a ready study in `notebooks/results`; undefined where they are not there. */
export function publishedStudy(name: string): PublishedStudy | undefined {
  // As far below the clone in the build as in the sources.
  const file = fileURLToPath(new URL(`../../../notebooks/results/${name}.json`, import.meta.url));
  if (!existsSync(file)) return undefined;
  const said = readJsonFile(file, 'take the file from the repository again') as unknown as ReturnType<
    typeof studyJson
  > &
    TaskTable & { study: StudyManifest };
  const { study, unfinished, findings } = said;
  const budget =
    study.budget.kind === 'items' ? `${study.budget.steps} updates` : `${study.budget.seconds} seconds of updates`;
  const told = findings.map((finding) => `${finding.name}: ${said.metric} ${finding.words}.`);
  return {
    table: tableOf({ folder: '', study, tables: [], refused: [], unfinished }, said),
    text: [`${study.seeds.length} seeds, ${budget} each, on ${study.split}.`, ...told].join('\n\n'),
    command: `npx moon-lab ablate --study ${name}`,
  };
}
