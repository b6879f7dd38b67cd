import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { GROCERY_PACK } from '../data/grocery-pack.js';
import { openCatalogue } from '../data/open.js';
import { codeVersion } from '../engine/compile/graph-cache.js';
import { startEngine } from '../engine/engine.js';
import { evaluateTasks } from '../evaluate/evaluate.js';
import { retrieval } from '../evaluate/retrieval.js';
import { saveEvaluation } from '../evaluate/saved-evaluation.js';
import { writePage } from '../figures/write-page.js';
import { progressBar } from '../notebook/progress.js';
import { grocery, type MoonConfig } from '../train/config.js';
import { isRun, readManifest } from '../train/run/manifest.js';
import { type FinishedRun, trainRun } from '../train/run/train-run.js';
import { shortened } from '../train/with-steps.js';
import type { Command } from './command.js';
import { evaluationText } from './evaluation-text.js';
import { runReport } from './run-report.js';
import { embedRun } from './run-results.js';
import { previewRemovals, previewTable } from './start-previews.js';
import { wholeNumber } from './whole-number.js';

/** Updates of the runs and of each preview: chosen for 15 minutes on two cores; `--quick` took three on slow ones. */
const budgets = { usual: { steps: 200, preview: 25 }, quick: { steps: 10, preview: 2 } };

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
    const engine = await startEngine();
    console.log(`engine ${engine.backend}, TensorFlow ${engine.tensorflow}, ${engine.threads} threads`);
    const catalogue = await openCatalogue(values.data);
    const photos = (split: string) => catalogue.pairs.filter((pair) => pair.split === split && pair.query.image).length;
    console.log(
      `${catalogue.products.length} products, ${photos('train')} training photos, ${photos('val')} validation photos`,
    );

    const configOf = (seed: number): MoonConfig => shortened({ ...grocery, seed }, steps);
    const runs: FinishedRun[] = [];
    for (let seed = 1; seed <= seeds; seed++)
      runs.push(await trainSeed(join(out, `seed-${seed}`), configOf(seed), catalogue));
    const [{ trained, pixels, records }] = runs;
    for (const [id, reason] of pixels.missing) console.error(`missing: ${id}: ${reason}`);

    const measuring = progressBar();
    const evaluation = await evaluateTasks(
      runs.map((each) => each.trained),
      catalogue,
      pixels,
      { split: 'val', controls: !quick, rows: true, onProgress: (progress) => measuring.show(progress) },
    );
    const result = await retrieval(trained, catalogue, pixels, { split: 'val' });
    measuring.end();
    saveEvaluation(out, evaluation);
    console.log(`\n${evaluationText(evaluation)}\n`);

    const previewing = progressBar();
    const previewSteps = Math.min(steps, budget.preview);
    const previews = await previewRemovals(
      shortened(grocery, previewSteps),
      values.data,
      out,
      previewSteps,
      (name, done) => previewing.show({ label: `preview: ${name}`, done, total: previewSteps }),
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
      previews: table,
    });
    const path = join(out, 'report.html');
    writePage(path, page);
    for (const run of runs) {
      await embedRun(join(out, `seed-${run.trained.config.seed}`), run, catalogue, 'val');
      run.trained.parameters.dispose();
    }
    const minutes = (performance.now() - started) / 60_000;
    console.log(`${records.length} steps a seed, ${minutes.toFixed(1)} minutes\nreport: ${path}`);
    return 0;
  },
};

/** A run of its own; one of this name from before is gone on with when it was interrupted, and made anew when it was finished. */
async function trainSeed(
  folder: string,
  config: MoonConfig,
  catalogue: Parameters<typeof trainRun>[2],
): Promise<FinishedRun> {
  const { steps } = config.optimizer;
  const bar = progressBar();
  const run = await trainRun(folder, config, catalogue, {
    resume: canGoOn(folder, config),
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

/** Whether an interrupted run of this very config and code is there; any other makes room. */
function canGoOn(folder: string, config: MoonConfig): boolean {
  if (!isRun(folder)) return false;
  const { status, config: was, code } = readManifest(folder);
  if (status !== 'finished' && code === codeVersion() && JSON.stringify(was) === JSON.stringify(config)) return true;
  rmSync(folder, { recursive: true, force: true });
  return false;
}
