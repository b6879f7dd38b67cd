import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError, wrongOption } from '../checks/error.js';
import { applySettings, checkSavedConfig } from '../config/check-config.js';
import type { MoonConfig } from '../config/config.js';
import { configDifference, differenceText } from '../config/config-difference.js';
import { checkTrainingImages } from '../config/needed-images.js';
import { withoutProducts } from '../data/folds.js';
import { countFound } from '../data/found.js';
import type { Catalogue } from '../data/types.js';
import { readConfig } from '../datasets/bases.js';
import { foldOf } from '../datasets/folds.js';
import { GROCERY_PACK } from '../datasets/grocery/pack.js';
import { grocery, paper } from '../datasets/grocery/recipes.js';
import { openCatalogue } from '../datasets/open.js';
import { headlineTask, tasksOf } from '../datasets/tasks.js';
import type { Trained } from '../encoder/encoder.js';
import { startEngine } from '../engine/engine.js';
import { evaluateTasks } from '../evaluate/evaluate.js';
import { progressBar } from '../notebook/progress.js';
import type { Pixels, RegionReport } from '../pictures/picture-store.js';
import { readManifest } from '../train/run/manifest.js';
import { summaryWriter } from '../train/run/summary-writer.js';
import { type TrainRunOptions, trainRun } from '../train/run/train-run.js';
import type { StepRecord } from '../train/step-record.js';
import type { Command } from './command.js';
import { saveResults } from './run-results.js';
import { foundTeller } from './say-found.js';
import { splitOf } from './split-of.js';
import { wholeNumber } from './whole-number.js';

export const train: Command = {
  usage:
    'train [--data PATH] [--fold N] [--base NAME] [--config FILE] [--set NAME=VALUE ...] [--out DIR] [--every N] [--score] [--split dev] [--tensorboard] [--resume [--run RUN]] [--allow NAME ...] [--json]',
  summary:
    'train into a run folder: manifest, metrics, checkpoints, embeddings, a report on the photos of --split; --resume goes on bit for bit',
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        data: { type: 'string' },
        fold: { type: 'string' },
        base: { type: 'string' },
        config: { type: 'string' },
        set: { type: 'string', multiple: true, default: [] },
        out: { type: 'string' },
        run: { type: 'string' },
        split: { type: 'string', default: 'dev' },
        every: { type: 'string' },
        score: { type: 'boolean', default: false },
        tensorboard: { type: 'boolean', default: false },
        resume: { type: 'boolean', default: false },
        allow: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
      },
    });
    const { resume, allow, json } = values;
    const split = splitOf(values.split);
    if (values.run !== undefined && !resume)
      throw wrongOption('--run', values.run, 'the run that --resume goes on with', 'Name a new run with --out.');
    if (values.run !== undefined && values.out !== undefined)
      throw wrongOption('--out', values.out, 'nothing beside --run, whose folder it goes on in');
    const out = values.run ?? values.out ?? 'runs/train';
    const was = resume ? readManifest(out) : undefined;
    const given = {
      ...(values.config ? readFileConfig(values.config) : {}),
      ...(values.base ? { base: values.base } : {}),
    };
    const goesOn = was && !values.config && !values.base;
    const config = goesOn
      ? applySettings(checkSavedConfig(was.config, out), values.set)
      : readConfig(given, values.set);
    const every = values.every === undefined ? undefined : wholeNumber('--every', values.every);
    const say = (text: string) => (json ? console.error(text) : console.log(text));
    const dataPath = values.data ?? was?.data.path ?? GROCERY_PACK;
    const fold = values.fold === undefined ? was?.data.fold : Number(values.fold);
    const whole = await openCatalogue(dataPath);
    const catalogue = fold === undefined ? whole : withoutProducts(whole, foldOf(whole, fold));
    const tellFound = foundTeller(say);
    const found = countFound(catalogue);
    tellFound(found);
    checkTrainingImages(config, found);
    const engine = await startEngine();
    say(`engine ${engine.backend}, TensorFlow ${engine.tensorflow}, ${engine.threads} threads`);
    sayBases(config, say);
    const { steps } = config.optimizer;
    // What cannot be scored is refused before it is trained.
    if (values.score) tasksOf({ catalogue, split: 'dev' }, [headlineTask(catalogue)]);

    const controller = new AbortController();
    const stop = () => controller.abort();
    process.once('SIGINT', stop);
    const bar = progressBar();
    const score: TrainRunOptions['score'] = async (now, { pixels }, step) => {
      const value = await scoreOf(now, catalogue, pixels);
      // The bar's line is ended first: it has no line break of its own in a terminal.
      bar.end();
      say(`step ${step}: dev MRR ${(100 * value).toFixed(1)}`);
      return value;
    };
    const board = values.tensorboard ? summaryWriter(join(out, 'tensorboard')) : undefined;
    try {
      const run = await trainRun(out, config, catalogue, {
        dataPath,
        fold,
        resume,
        allow,
        every,
        signal: controller.signal,
        onProgress: (done, total, label) => bar.show({ label, done, total }),
        onFound(now) {
          bar.end();
          tellFound(now);
        },
        onStep: (record) => {
          board?.write(record);
          bar.show({ label: record.stage, done: record.step, total: steps, note: noteOf(record) });
        },
        score: values.score ? score : undefined,
      });
      bar.end();
      const { trained, pixels, records } = run;
      for (const [id, reason] of pixels.missing) console.error(`missing: ${id}: ${reason}`);
      const last = records.at(-1);
      const stopped = records.length < steps;
      sayRegions(pixels.regions, say);
      const report = stopped ? undefined : await saveResults(out, run, catalogue, split);
      if (json) console.log(JSON.stringify({ run: out, steps: records.length, stopped, loss: last?.loss ?? null }));
      else
        say(
          stopped
            ? `stopped after step ${records.length}; go on with --resume`
            : `run: ${out}, loss ${last?.loss.toFixed(3)}\nreport: ${report}`,
        );
      trained.parameters.dispose();
      return stopped ? 1 : 0;
    } finally {
      process.removeListener('SIGINT', stop);
      board?.close();
    }
  },
};

/** MRR of the headline task on dev. */
async function scoreOf(trained: Trained, catalogue: Catalogue, pixels: Pixels): Promise<number> {
  const tasks = [headlineTask(catalogue)];
  const { tasks: found } = await evaluateTasks(trained, catalogue, pixels, {
    split: 'dev',
    tasks,
    controls: false,
    draws: 1,
  });
  return found[0].metrics.MRR.value;
}

/** `loss 3.21, products among negatives: 31 inBatch, 28 hard`: of few products, many negatives are the same ones. */
function noteOf({ loss, uniqueNegatives = {} }: StepRecord): string {
  const sources = Object.entries(uniqueNegatives).map(([source, count]) => `${Math.round(count)} ${source}`);
  return `loss ${loss.toFixed(2)}${sources.length ? `, products among negatives: ${sources.join(', ')}` : ''}`;
}

/** How the two named bases differ, and how this config does from the default. */
function sayBases(config: MoonConfig, say: (text: string) => void): void {
  say(`diff(paper, grocery): ${differenceText(configDifference(paper, grocery))}`);
  const own = configDifference(grocery, { ...config, seed: grocery.seed });
  if (own.length) say(`diff(grocery, this run): ${differenceText(own)}`);
}

/** How often there was no core region to show, and how often too few pixels. */
function sayRegions({ regions, fallbacks, upsampled }: RegionReport, say: (text: string) => void): void {
  if (!regions) return;
  const parts = Object.entries(fallbacks).map(([reason, count]) => `${count} ${reason}`);
  say(
    `core regions: ${regions}; the whole image instead: ${parts.join(', ')}; ${upsampled} crops have fewer pixels than shown`,
  );
}

function readFileConfig(file: string): Record<string, unknown> {
  if (!existsSync(file))
    throw new UserError(`--config: ${file} is not there. Give a JSON file such as { "base": "grocery" }.`);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new UserError(`--config: ${file} is no JSON (${(error as Error).message}).`);
  }
}
