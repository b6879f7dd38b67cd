import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
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
import type { Command } from './command.js';
import { evaluationText } from './evaluation-text.js';
import { runReport } from './run-report.js';
import { embedRun } from './run-results.js';
import { foundTeller } from './say-found.js';
import { previewRemovals, previewTable } from './start-previews.js';
import { wholeNumber } from './whole-number.js';

/** Updates of the runs and of each preview: aimed at 15 minutes on two cores, `quick` at two. */
const budgets = { usual: { steps: 600, preview: 25 }, quick: { steps: 5, preview: 1 } };

export const start: Command = {
  usage: 'start [--steps N] [--seeds N] [--data DIR] [--out DIR] [--quick]',
  summary:
    'train MOON on real grocery photos, measure it on validation, preview the removals of its three pieces, and write a report',
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        steps: { type: 'string' },
        seeds: { type: 'string', default: '1' },
        data: { type: 'string', default: GROCERY_PACK },
        out: { type: 'string', default: 'runs/start' },
        quick: { type: 'boolean', default: false },
      },
    });
    const { out, quick } = values;
    const budget = quick ? budgets.quick : budgets.usual;
    const steps = values.steps === undefined ? budget.steps : wholeNumber('--steps', values.steps, 0);
    const seeds = wholeNumber('--seeds', values.seeds);
    const started = performance.now();
    const catalogue = await openCatalogue(values.data);
    const found = countFound(catalogue);
    const tellFound = foundTeller(console.log);
    tellFound(found);
    checkTrainingImages(grocery, found);

    const engine = await startEngine();
    console.log(`engine ${engine.backend}, TensorFlow ${engine.tensorflow}, ${engine.threads} threads`);
    const configs = Array.from(
      { length: seeds },
      (_, at): MoonConfig => shortened({ ...grocery, seed: at + 1 }, steps),
    );
    await makeRoom(out, configs, catalogue);
    mkdirSync(out, { recursive: true });
    const lock = await lockFolder(out);
    try {
      const done = await trainAndReport(out, configs, catalogue, {
        data: values.data,
        previewSteps: Math.min(steps, budget.preview),
        controls: !quick,
        tellFound,
      });
      console.log(`${((performance.now() - started) / 60_000).toFixed(1)} minutes, ${done}`);
    } finally {
      lock.release();
    }
    return 0;
  },
};

interface StartOptions {
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
  { data, previewSteps, controls, tellFound }: StartOptions,
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
    found,
    records: new Map(runs.map((each) => [each.trained.config.seed, each.records])),
    evaluation,
    result,
    split: 'val',
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

/** A run of its own; the same one from before is resumed, and nothing is left to do where it was finished. */
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
    onProgress: (done, total, label) => bar.show({ label, done, total }),
    onFound(found) {
      bar.end();
      tellFound(found);
    },
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
