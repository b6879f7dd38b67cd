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
import { startEngine } from '../engine/engine.js';
import { evaluateTasks } from '../evaluate/evaluate.js';
import { retrieval } from '../evaluate/retrieval.js';
import { saveEvaluation } from '../evaluate/saved-evaluation.js';
import { writePage } from '../figures/page/write-page.js';
import { progressBar } from '../notebook/progress.js';
import { lockFolder } from '../store/folder-lock.js';
import { describeRun, isRun, provenanceOf, readManifest } from '../train/run/manifest.js';
import { provenanceDifference } from '../train/run/provenance.js';
import { setAside } from '../train/run/set-aside.js';
import { type FinishedRun, trainRun } from '../train/run/train-run.js';
import { evaluationText } from './evaluation-text.js';
import { refuseInside } from './places.js';
import { runReport } from './run-report.js';
import { embedRun } from './run-results.js';
import { foundTeller } from './say-found.js';
import { previewRemovals, previewTable } from './start-previews.js';

export interface StartOptions {
  /** Updates of each run. */
  steps: number;
  /** Updates of each preview, at most. */
  preview: number;
  /** How many runs: seed 1, seed 2 ... */
  seeds: number;
  /** Default: the shipped photos. */
  data?: string;
  out: string;
  /** Measure the controls too. */
  controls: boolean;
}

/**
 * Train the base `grocery`, measure it on validation, preview the removals of its pieces, and write a report.
 * @throws UserError
 */
export async function runStart({
  steps,
  preview,
  seeds,
  data = GROCERY_PACK,
  out,
  controls,
}: StartOptions): Promise<void> {
  refuseInside(out, data);
  const started = performance.now();
  const catalogue = await openCatalogue(data);
  const found = countFound(catalogue);
  const tellFound = foundTeller(console.log);
  tellFound(found);
  checkTrainingImages(grocery, found);
  const engine = await startEngine();
  console.log(`engine ${engine.backend}, TensorFlow ${engine.tensorflow}, ${engine.threads} threads`);

  const configs = Array.from({ length: seeds }, (_, at): MoonConfig => shortened({ ...grocery, seed: at + 1 }, steps));
  await makeRoom(out, configs, catalogue);
  mkdirSync(out, { recursive: true });
  const lock = await lockFolder(out);
  try {
    const done = await trainAndReport(out, configs, catalogue, {
      data,
      previewSteps: Math.min(steps, preview),
      controls,
      tellFound,
    });
    console.log(`${((performance.now() - started) / 60_000).toFixed(1)} minutes, ${done}`);
  } finally {
    lock.release();
  }
}

interface ReportOptions {
  /** Folder of the data. */
  data: string;
  previewSteps: number;
  controls: boolean;
  tellFound: (found: Found) => void;
}

/** All that `start` does, in a folder that nobody else writes into. @returns what it came to, in two lines */
async function trainAndReport(
  out: string,
  configs: readonly MoonConfig[],
  catalogue: Catalogue,
  { data, previewSteps, controls, tellFound }: ReportOptions,
): Promise<string> {
  const runs: FinishedRun[] = [];
  for (const config of configs) runs.push(await trainSeed(folderOf(out, config), config, catalogue, tellFound));
  const [{ trained, pixels, records, found }] = runs;
  for (const [id, reason] of pixels.missing) console.error(`missing: ${id}: ${reason}`);

  const measuring = progressBar();
  const evaluation = await evaluateTasks(
    runs.map((each) => each.trained),
    catalogue,
    pixels,
    { split: 'val', controls, rows: true, onProgress: (progress) => measuring.show(progress) },
  );
  const result = await retrieval(trained, catalogue, pixels, { split: 'val' });
  measuring.end();
  saveEvaluation(out, evaluation);
  console.log(`\n${evaluationText(evaluation)}\n`);

  const previewing = progressBar();
  const previews = await previewRemovals(shortened(grocery, previewSteps), data, out, previewSteps, (name, done) =>
    previewing.show({ label: `preview: ${name}`, done, total: previewSteps }),
  );
  previewing.end();
  const table = previewTable(previews);
  console.log(`${table.text}\n`);

  const page = await runReport('MOON on grocery photos', {
    trained,
    catalogue,
    pixels,
    records: new Map(runs.map((each) => [each.trained.config.seed, each.records])),
    evaluation,
    result,
    split: 'val',
    found,
    previews: table,
  });
  const path = join(out, 'report.html');
  writePage(path, page);
  for (const run of runs) {
    await embedRun(folderOf(out, run.trained.config), run, catalogue, 'val');
    run.trained.parameters.dispose();
  }
  return `${records.length} steps a seed\nreport: ${path}`;
}

/** A run of its own; the same one from before resumes, and nothing is left to do where it was finished. */
async function trainSeed(
  folder: string,
  config: MoonConfig,
  catalogue: Catalogue,
  tellFound: (found: Found) => void,
): Promise<FinishedRun> {
  const { steps } = config.optimizer;
  const bar = progressBar();
  const run = await trainRun(folder, config, catalogue, {
    resume: isRun(folder),
    onFound(found) {
      bar.end();
      tellFound(found);
    },
    onProgress: (done, total, label) => bar.show({ label, done, total }),
    onStep: ({ step, loss }) =>
      bar.show({ label: `training, seed ${config.seed}`, done: step, total: steps, note: `loss ${loss.toFixed(2)}` }),
  });
  bar.end();
  console.log(
    `${run.trained.parameters.size.toLocaleString('en')} parameters, ${steps} steps, seed ${config.seed}: ${folder}`,
  );
  return run;
}

const folderOf = (out: string, { seed }: MoonConfig) => join(out, `seed-${seed}`);

/** Runs in `out` of another config, code, data or machine than these would be make room under a name of their own. */
async function makeRoom(out: string, configs: readonly MoonConfig[], catalogue: Catalogue): Promise<void> {
  for (const config of configs.filter((each) => isRun(folderOf(out, each)))) {
    const folder = folderOf(out, config);
    const now = describeRun(config, catalogue, catalogue.root);
    const difference = provenanceDifference(provenanceOf(readManifest(folder)), provenanceOf(now));
    if (!difference) continue;
    const aside = await setAside(out);
    console.log(`${folder} is another run (${difference.what} differs): what was in ${out} is in ${aside} now`);
    return;
  }
}
