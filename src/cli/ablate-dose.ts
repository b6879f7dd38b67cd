import { join } from 'node:path';
import { dosePage, doseSeriesResult, doseText } from '../ablate/report/dose-table.js';
import type { StudyRun } from '../ablate/run/run-study.js';
import type { StudyResult } from '../ablate/run/study-result.js';
import type { DoseSeries } from '../ablate/studies/dose-studies.js';
import type { Study } from '../ablate/studies/study.js';
import { writePage } from '../figures/page/write-page.js';

/**
 * A study at every dose, each in a folder of its own below `out`, and the curves over all of them.
 * @param run a study in a folder
 * @param change what the flags change of each study
 */
export async function ablateDose(
  series: DoseSeries,
  out: string,
  json: boolean,
  run: (study: Study, folder: string) => Promise<StudyRun>,
  change: (study: Study) => Study,
): Promise<number> {
  const studies: { dose: number; result: StudyResult }[] = [];
  console.error(`predicted: ${series.prediction}`);
  for (const dose of series.doses) {
    const study = change(series.study(dose));
    const result = await run(study, join(out, study.name));
    studies.push({ dose, result });
    // A cell that failed is told, and the other doses go on; a study that was stopped is the end.
    for (const { row, seed, why } of result.failed)
      console.error(`failed: ${study.name}, ${row}, seed ${seed}: ${why}`);
    if (result.unfinished.length > result.failed.length) break;
  }
  const { name, dial, prediction } = series;
  const whole = { series: { name, dial, prediction }, studies };
  writePage(join(out, 'dose.html'), dosePage(whole));
  console.log(json ? JSON.stringify(doseSeriesResult(whole)) : doseText(whole));
  return studies.length === series.doses.length && studies.every(({ result }) => !result.unfinished.length) ? 0 : 1;
}
