import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dosePage, doseSeriesResult, doseText } from '../ablate/report/dose-table.js';
import { studyJson } from '../ablate/report/export-table.js';
import { studyText } from '../ablate/report/study-text.js';
import { openStudy, type Placement, type StudyRun } from '../ablate/run/run-study.js';
import type { DoseSeries } from '../ablate/studies/dose-series.js';
import { planRows, type Study } from '../ablate/studies/study.js';
import { isGenerated } from '../ablate/studies/study-data.js';
import { writePage } from '../figures/page/write-page.js';
import { watchStudy } from '../notebook/watch-study.js';
import { type Forecast, requireFit } from '../train/forecast/forecast.js';
import { type ChosenStudy, chosenStudy } from './ablate-study.js';
import { refuseInside } from './places.js';
import { foundPrinter } from './print-found.js';
import { isForecast, sayForecast } from './say-forecast.js';
import { runSeedStudyByName, seedStudies } from './seed-study.js';

export interface AblationOptions extends ChosenStudy {
  /** Folder of the study. Default: `studies/NAME`. */
  out?: string;
  on: Placement['kind'];
  /** Number of parallel trials with `--on processes`. */
  workers?: number;
  /** Threads of each trial. */
  threads?: number;
  /** A Python with ray installed. */
  python?: string;
  /** Address of a Ray cluster. */
  address?: string;
  /** Parts of the provenance that may differ in finished trials. */
  allow: string[];
  /** Say what the study would read and take, and stop. */
  dryRun: boolean;
  json: boolean;
}

type Run = (study: Study, folder: string) => Promise<StudyRun>;

/**
 * Run a study or a dose series and print its tables. An interrupt stops it after the running steps; the same command resumes.
 * @returns exit code: 1 if trials failed or are missing
 * @throws UserError before anything trains
 */
export async function runAblation(options: AblationOptions): Promise<number> {
  const { study: named = '' } = options;
  if (Object.hasOwn(seedStudies, named)) return runSeedStudyByName(named, options);
  const chosen = chosenStudy(options);
  const { out = `studies/${chosen.name}`, json, dryRun } = options;
  const first = 'doses' in chosen ? chosen.study(chosen.doses[0]) : chosen;
  if (dryRun) return (await forecastStudy(first, console.log)).fits ? 0 : 1;
  if (!existsSync(out) && isForecast(planRows(first)[0].config)) requireFit(await forecastStudy(first, console.error));
  const controller = new AbortController();
  const stop = () => {
    console.error('stopping after the running steps ...');
    controller.abort();
  };
  process.once('SIGINT', stop);
  const run: Run = (study, folder) => runWatched(study, folder, options, controller.signal);
  try {
    return 'doses' in chosen ? await runSeries(chosen, out, run, json) : await runOne(chosen, out, run, json);
  } finally {
    process.removeListener('SIGINT', stop);
  }
}

/** Say what a study would read, and what its base and all of its trials would take on this machine. */
async function forecastStudy(study: Study, say: (text: string) => void): Promise<Forecast> {
  const { rows, catalogue } = await openStudy(study, foundPrinter(say));
  const [{ config, name }] = rows;
  const expected = await sayForecast(config, catalogue, say);
  const trials = rows.length * study.seeds.length;
  const hours = (trials * expected.seconds) / 3600;
  say(
    `${trials} trials (${rows.length} rows x ${study.seeds.length} seeds), each as ${name}: ${hours < 2 ? `${(60 * hours).toFixed(0)} min` : `${hours.toFixed(1)} h`} of training, without evaluation`,
  );
  return expected;
}

async function runOne(study: Study, out: string, run: Run, json: boolean): Promise<number> {
  const result = await run(study, out);
  if (json) console.log(JSON.stringify({ ...studyJson(result), failed: result.failed }));
  else {
    console.log(studyText(result));
    for (const { row, seed, why } of result.failed) console.log(`failed: ${row}, seed ${seed}: ${why}`);
  }
  return result.unfinished.length || result.refused.length ? 1 : 0;
}

/** Run the study of each dose in its own folder below `out`, and write a page with the dose-response curves. */
async function runSeries(series: DoseSeries, out: string, run: Run, json: boolean): Promise<number> {
  const { name, dial, prediction, doses, log } = series;
  console.error(`predicted: ${prediction}`);
  const studies: { dose: number; result: StudyRun }[] = [];
  for (const dose of doses) {
    const study = series.study(dose);
    const result = await run(study, join(out, study.name));
    studies.push({ dose, result });
    for (const { row, seed, why } of result.failed)
      console.error(`failed: ${study.name}, ${row}, seed ${seed}: ${why}`);
    // A failed trial does not keep the other doses from running; a stopped study does.
    if (result.unfinished.length > result.failed.length) break;
  }
  const doseResult = { series: { name, dial, prediction, log }, studies };
  writePage(join(out, 'dose.html'), dosePage(doseResult));
  console.log(json ? JSON.stringify(doseSeriesResult(doseResult)) : doseText(doseResult));
  return studies.length === doses.length && studies.every(({ result }) => !result.unfinished.length) ? 0 : 1;
}

/** Run a study, and print on standard error what it is and how its trials end. */
async function runWatched(study: Study, out: string, options: AblationOptions, signal: AbortSignal): Promise<StudyRun> {
  if (!isGenerated(study.data)) refuseInside(out, study.data.path);
  console.error(`study ${study.name}: split ${study.split}, seeds ${study.seeds.join(', ')}, folder ${out}`);
  if (study.prediction) console.error(`predicted: ${study.prediction}`);
  const { allow } = options;
  return watchStudy(study, {
    out,
    on: placementOf(options),
    allow,
    signal,
    onFound: foundPrinter(console.error),
    onEnd({ row, seed }, outcome) {
      // In a terminal the live table shows it, and would overwrite these lines.
      if (outcome.kind === 'found' || process.stderr.isTTY) return;
      console.error(`\n${row}, seed ${seed}: ${outcome.kind}${outcome.kind === 'failed' ? `: ${outcome.why}` : ''}`);
    },
  });
}

function placementOf({ on, workers, threads, python, address }: AblationOptions): Placement {
  if (on === 'here') return { kind: 'here' };
  return on === 'ray' ? { kind: 'ray', python, address, threads } : { kind: 'processes', workers, threads };
}
