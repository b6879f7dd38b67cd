import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { UserError } from '../checks/error.js';
import { countFound } from '../data/found.js';
import { type ColumnMap, showColumns } from '../data/tables/columns.js';
import { planStudy, type StudyPlan, writeStudy } from '../datasets/study/plan-study.js';
import { STUDY } from '../datasets/study/study-file.js';
import { checkOutputFolder, refuseInside } from './places.js';
import { foundPrinter } from './print-found.js';

export interface NewStudyOptions {
  data?: string;
  map?: Partial<ColumnMap>;
  encoding?: string;
  follow?: string;
  seed: number;
  yes: boolean;
}

/** Issues about a whole table: how it was read, and what of it was not. */
const SAID = new Set(['encoding', 'missing-column', 'not-read', 'other-sheet', 'joined-rows']);

/** Plan a study, ask about what is unsure, and write it. @returns exit code @throws UserError for data or a folder that does not fit */
export async function beginStudy(folder: string, { data, yes, ...options }: NewStudyOptions): Promise<number> {
  checkOutputFolder(folder, 'STUDY');
  refuseInside(folder, data!, 'STUDY');
  if (existsSync(join(folder, STUDY)))
    throw new UserError(`STUDY: ${folder} has a ${STUDY} already; choose another folder, or remove that file.`);
  let plan = await planStudy(data!, options);
  if (plan.unsure.length && !yes) {
    const answers = await ask(plan);
    if (Object.keys(answers).length)
      plan = await planStudy(data!, { ...options, map: { ...plan.reading.columns, ...options.map, ...answers } });
  }
  const { columns, layout, catalogue } = plan.reading;
  console.log(layout ? `layout: ${layout}` : `columns: ${showColumns(columns!)}`);
  foundPrinter((line) => console.log(line))(countFound(plan.catalogue));
  for (const { file, message } of catalogue.issues.filter(({ kind }) => SAID.has(kind)))
    console.log(`${file}: ${message}`);
  if (plan.study.duplicates.length)
    console.log(
      `near-duplicates: ${plan.study.duplicates.length} groups of products show one picture; they stay in one split`,
    );
  const files = await writeStudy(folder, plan);
  console.log(`${folder}: ${files.join(', ')}`);
  const study = join(folder, STUDY);
  console.log(
    `next: npx moon-lab train --config ${join(folder, 'config.json')} --data ${study} --out ${join(folder, 'run')}`,
  );
  const held = (['val', 'test', 'dev'] as const).find((split) =>
    plan.catalogue.pairs.some((pair) => pair.split === split),
  );
  if (held)
    console.log(`      npx moon-lab evaluate --run ${join(folder, 'run')}${held === 'val' ? '' : ` --split ${held}`}`);
  return 0;
}

/** Ask which column holds a field that the header does not say. */
async function ask({ unsure }: StudyPlan): Promise<Partial<ColumnMap>> {
  const what = unsure.map(({ field }) => field).join(', ');
  if (!process.stdin.isTTY)
    throw new UserError(
      `data: no column looks like ${what}. Name it with --map ${unsure[0].field}=COLUMN, or go on without by --yes. Columns: ${unsure[0].columns.join(', ')}.`,
    );
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answers: Partial<ColumnMap> = {};
    for (const { field, columns } of unsure) {
      const given = (
        await lines.question(`No column looks like ${field}. Which of ${columns.join(', ')}? (Enter: none) `)
      ).trim();
      if (!given) continue;
      if (!columns.includes(given))
        throw new UserError(`${field}: got ${JSON.stringify(given)}, expected one of ${columns.join(', ')}.`);
      Object.assign(answers, { [field]: field === 'image' ? [given] : given });
    }
    return answers;
  } finally {
    lines.close();
  }
}
