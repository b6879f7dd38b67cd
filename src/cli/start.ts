import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { MoonConfig } from '../config/config.js';
import { checkTrainingImages } from '../config/needed-images.js';
import { shortened } from '../config/with-steps.js';
import { countFound, type Found } from '../data/found.js';
import type { Catalogue } from '../data/types.js';
import { GROCERY_PACK } from '../datasets/grocery/pack.js';
import { grocery } from '../datasets/grocery/recipes.js';
import { openCatalogue } from '../datasets/open.js';
import { noTask, tasksOf } from '../datasets/tasks.js';
import { engineText, startEngine } from '../engine/engine.js';
import { evaluateTasks } from '../evaluate/evaluate.js';
import { saveEvaluation } from '../evaluate/saved-evaluation.js';
import { summaryText } from '../evaluate/summary/summary-text.js';
import { writePage } from '../figures/page/write-page.js';
import { progressBar } from '../notebook/progress.js';
import { lockFolder } from '../store/folder-lock.js';
import { requireFit } from '../train/forecast/forecast.js';
import { describeRun, isRun, provenanceOf, readManifest } from '../train/run/manifest.js';
import { provenanceDifference } from '../train/run/provenance.js';
import { setAside } from '../train/run/set-aside.js';
import { type FinishedRun, trainRun } from '../train/run/train-run.js';
import { refuseInside } from './places.js';
import { foundPrinter } from './print-found.js';
import { runReport } from './run-report.js';
import { embedRun, photoRetrieval } from './run-results.js';
import { isForecast, sayForecast } from './say-forecast.js';

export interface StartOptions {
  /** Updates of each run. */
  steps: number;
  /** Number of runs, with seeds 1, 2 ... */
  seeds: number;
  /** Default: the shipped photos. */
  data?: string;
  out: string;
  /** Whether to evaluate the controls too. */
  controls: boolean;
  /** Forecast the runs and stop. */
  dryRun: boolean;
}

/**
 * Train the base `grocery`, evaluate it on the validation split, and write a report.
 * @returns exit code: 1 if a forecast says that it does not fit
 * @throws UserError for an invalid output folder, and if the data have no images
 */
export async function runStart({
  steps,
  seeds,
  data = GROCERY_PACK,
  out,
  controls,
  dryRun,
}: StartOptions): Promise<number> {
  refuseInside(out, data);
  const started = performance.now();
  const catalogue = await openCatalogue(data);
  const found = countFound(catalogue);
  const printFound = foundPrinter(console.log);
  printFound(found);
  checkTrainingImages(grocery, found);
  // Before the training, not after it.
  if (!tasksOf({ catalogue, split: 'val' }).length) throw noTask({ catalogue, split: 'val' });
  console.log(`engine ${engineText(await startEngine())}`);

  const configs = Array.from({ length: seeds }, (_, at): MoonConfig => shortened({ ...grocery, seed: at + 1 }, steps));
  if (dryRun) return (await sayForecast(configs[0], catalogue, console.log)).fits ? 0 : 1;
  await setAsideOtherRuns(out, configs, catalogue);
  if (isForecast(configs[0]) && !isRun(folderOf(out, configs[0])))
    requireFit(await sayForecast(configs[0], catalogue, console.log));
  mkdirSync(out, { recursive: true });
  const lock = await lockFolder(out);
  try {
    const report = await trainAndReport(out, configs, catalogue, { controls, printFound });
    console.log(
      [
        '',
        'What each piece of MOON contributes takes a study: npx moon-lab ablate --study paper (its published table is in the report)',
        `Every task, control and variation: npx moon-lab evaluate --run ${folderOf(out, configs[0])} --split val --verbose`,
        `Report: ${report} (open it in a browser)`,
        `${((performance.now() - started) / 60_000).toFixed(1)} minutes`,
      ].join('\n'),
    );
    return 0;
  } finally {
    lock.release();
  }
}

interface ReportOptions {
  controls: boolean;
  printFound: (found: Found) => void;
}

/** Train, evaluate and report in a locked folder. @returns path of the report */
async function trainAndReport(
  out: string,
  configs: readonly MoonConfig[],
  catalogue: Catalogue,
  { controls, printFound }: ReportOptions,
): Promise<string> {
  const runs: FinishedRun[] = [];
  for (const config of configs) runs.push(await trainSeed(folderOf(out, config), config, catalogue, printFound));
  const [{ encoder, pixels, found }] = runs;
  for (const [id, reason] of pixels.missing) console.error(`missing: ${id}: ${reason}`);

  const measuring = progressBar();
  const evaluation = await evaluateTasks(
    runs.map((each) => each.encoder),
    catalogue,
    pixels,
    { split: 'val', controls, rows: true, onProgress: (progress) => measuring.show(progress) },
  );
  const result = await photoRetrieval({ encoder, pixels }, catalogue, 'val');
  measuring.end();
  saveEvaluation(out, evaluation);
  console.log(`\n${summaryText(evaluation)}`);

  const page = await runReport('MOON on grocery photos', {
    encoder,
    catalogue,
    pixels,
    records: new Map(runs.map((each) => [each.encoder.config.seed, each.records])),
    evaluation,
    result,
    split: 'val',
    found,
    study: 'paper',
  });
  const path = join(out, 'report.html');
  writePage(path, page);
  for (const run of runs) {
    await embedRun(folderOf(out, run.encoder.config), run, catalogue, 'val');
    run.encoder.parameters.dispose();
  }
  return path;
}

/** Train one seed in its own run folder. An unfinished run resumes; a finished one is loaded. */
async function trainSeed(
  folder: string,
  config: MoonConfig,
  catalogue: Catalogue,
  printFound: (found: Found) => void,
): Promise<FinishedRun> {
  const { steps } = config.optimizer;
  const bar = progressBar();
  const run = await trainRun(folder, config, catalogue, {
    resume: isRun(folder),
    onFound(found) {
      bar.end();
      printFound(found);
    },
    onProgress: (done, total, label) => bar.show({ label, done, total }),
    onStep: ({ step, loss }) =>
      bar.show({ label: `training, seed ${config.seed}`, done: step, total: steps, note: `loss ${loss.toFixed(2)}` }),
  });
  bar.end();
  const [first, last] = [run.records[0], run.records.at(-1)];
  const losses = first && last ? `, loss ${first.loss.toFixed(2)} -> ${last.loss.toFixed(2)}` : '';
  console.log(
    `seed ${config.seed}: ${run.encoder.parameters.size.toLocaleString('en')} parameters, ${steps} updates${losses}: ${folder}`,
  );
  return run;
}

const folderOf = (out: string, { seed }: MoonConfig) => join(out, `seed-${seed}`);

/** If `out` holds runs with another provenance (config, code, data or machine), move its contents aside. */
async function setAsideOtherRuns(out: string, configs: readonly MoonConfig[], catalogue: Catalogue): Promise<void> {
  for (const config of configs.filter((each) => isRun(folderOf(out, each)))) {
    const folder = folderOf(out, config);
    const now = describeRun(config, catalogue, catalogue.root);
    const difference = provenanceDifference(provenanceOf(readManifest(folder)), provenanceOf(now));
    if (!difference) continue;
    const aside = await setAside(out);
    console.log(
      `${folder} is a different run (${difference.what} differs): the contents of ${out} are now in ${aside}`,
    );
    return;
  }
}
