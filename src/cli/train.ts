import { join } from 'node:path';
import { UserError, wrongOption } from '../checks/error.js';
import { isRecord } from '../checks/schema.js';
import { applySettings, checkSavedConfig } from '../config/check-config.js';
import type { MoonConfig } from '../config/config.js';
import { configDifference, differenceText } from '../config/config-difference.js';
import { checkTrainingImages } from '../config/needed-images.js';
import { withoutProducts } from '../data/folds.js';
import { countFound } from '../data/found.js';
import { pairsText } from '../data/found-text.js';
import type { Catalogue, Split } from '../data/types.js';
import { bases, readConfig } from '../datasets/bases.js';
import { foldOf } from '../datasets/folds.js';
import { GROCERY_PACK } from '../datasets/grocery/pack.js';
import { openCatalogue } from '../datasets/open.js';
import { headlineTask, tasksOf } from '../datasets/tasks.js';
import type { Encoder } from '../encoder/encoder.js';
import { requirePublishedParts } from '../encoder/published-parts.js';
import { engineText, startEngine } from '../engine/engine.js';
import { evaluateTasks } from '../evaluate/evaluate.js';
import { progressBar } from '../notebook/progress.js';
import type { Pixels, RegionReport } from '../pictures/picture-store.js';
import { readJsonFile } from '../store/json-file.js';
import { requireFit } from '../train/forecast/forecast.js';
import { readManifest } from '../train/run/manifest.js';
import { summaryWriter } from '../train/run/summary-writer.js';
import { type TrainRunOptions, trainRun } from '../train/run/train-run.js';
import type { StepRecord } from '../train/step-record.js';
import { checkFrozenNumbers } from '../train/tuning/tuning.js';
import { dataOfRun } from './open-networks.js';
import { refuseInside } from './places.js';
import { foundPrinter } from './print-found.js';
import { saveResults } from './run-results.js';
import { isForecast, sayForecast } from './say-forecast.js';

export interface TrainOptions {
  base?: string;
  /** JSON file. */
  config?: string;
  /** Settings such as `optimizer.steps=100`. */
  set: string[];
  data?: string;
  fold?: number;
  /** Folder of a new run. `run` is the folder of a run to resume. */
  out: string;
  run?: string;
  every?: number;
  score: boolean;
  split: Split;
  tensorboard: boolean;
  /** Forecast the run and stop. */
  dryRun: boolean;
  resume: boolean;
  allow: string[];
  json: boolean;
}

type Say = (text: string) => void;

/** Train into a run folder, or resume a run. @returns exit code: 1 if it was stopped @throws UserError for invalid options or data */
export async function runTraining(options: TrainOptions): Promise<number> {
  const { run: resumed, resume, allow, json, every, split } = options;
  const out = resumed ?? options.out;
  const was = resume ? readManifest(out) : undefined;
  const { config, from } = configOf(options, was && { name: out, config: was.config });
  const dataPath = options.data ?? (was ? dataOfRun(out) : GROCERY_PACK);
  refuseInside(out, dataPath, resumed === undefined ? '--out' : '--run');
  const say: Say = (text) => (json ? console.error(text) : console.log(text));
  const fold = options.fold ?? was?.data.fold;
  const allProducts = await openCatalogue(dataPath);
  const catalogue = fold === undefined ? allProducts : withoutProducts(allProducts, foldOf(allProducts, fold));
  const printFound = foundPrinter(say);
  const found = countFound(catalogue);
  printFound(found);
  checkTrainingImages(config, found);
  requirePublishedParts(config);
  const { steps } = config.optimizer;
  // Check before training that the data can be scored.
  if (options.score && !found.pairs.dev)
    throw new UserError(
      `--score: needs queries of the split dev, and the data have ${pairsText(found.pairs)}; leave it out.`,
    );
  if (options.score) tasksOf({ catalogue, split: 'dev' }, [headlineTask(catalogue)]);
  say(`engine ${engineText(await startEngine())}`);
  checkFrozenNumbers(config.tune);
  for (const line of changesOf(config, from)) say(line);
  if (options.dryRun || (!resume && isForecast(config))) {
    const expected = await sayForecast(config, catalogue, say);
    if (options.dryRun) {
      if (json) console.log(JSON.stringify({ found, forecast: expected }));
      return expected.fits ? 0 : 1;
    }
    requireFit(expected);
  }

  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGINT', stop);
  const bar = progressBar();
  const score: TrainRunOptions['score'] = async (now, { pixels }, step) => {
    const value = await scoreOf(now, catalogue, pixels);
    // End the line of the progress bar first: in a terminal it has no line break.
    bar.end();
    say(`step ${step}: dev MRR ${(100 * value).toFixed(1)}`);
    return value;
  };
  const board = options.tensorboard ? summaryWriter(join(out, 'tensorboard')) : undefined;
  try {
    const run = await trainRun(out, config, catalogue, {
      dataPath,
      fold,
      resume,
      allow,
      every,
      signal: controller.signal,
      changedFrom: from.config,
      onNoEffect(settings) {
        bar.end();
        say(`WARNING: ${settings.join(', ')} had no effect: the first losses equal those of ${from.name} bit for bit.`);
      },
      onFound(now) {
        bar.end();
        printFound(now);
      },
      onProgress: (done, total, label) => bar.show({ label, done, total }),
      onStep: (record) => {
        board?.write(record);
        bar.show({ label: record.stage, done: record.step, total: steps, note: noteOf(record) });
      },
      score: options.score ? score : undefined,
    });
    bar.end();
    const { encoder, pixels, records } = run;
    for (const [id, reason] of pixels.missing) console.error(`missing: ${id}: ${reason}`);
    const last = records.at(-1);
    const stopped = records.length < steps;
    printRegions(pixels.regions, say);
    const report = stopped ? undefined : await saveResults(out, run, catalogue, split);
    if (json) console.log(JSON.stringify({ run: out, steps: records.length, stopped, loss: last?.loss ?? null }));
    else
      say(
        stopped
          ? `stopped after step ${records.length}; npx moon-lab train --run ${out} --resume resumes`
          : `run: ${out}, loss ${last?.loss.toFixed(3)}\nreport: ${report}`,
      );
    encoder.parameters.dispose();
    return stopped ? 1 : 0;
  } finally {
    process.removeListener('SIGINT', stop);
    board?.close();
  }
}

/** The config that another one was changed from, and its name. */
interface Origin {
  name: string;
  config: MoonConfig;
}

/**
 * The config that the flags describe, and the config that it was changed from.
 * @param was the run to resume, whose config is the default
 */
function configOf({ base, config: file, set }: TrainOptions, was?: Origin): { config: MoonConfig; from: Origin } {
  if (was && base === undefined && file === undefined)
    return { config: applySettings(checkSavedConfig(was.config, was.name), set), from: was };
  const given = file === undefined ? {} : readJsonFile(file, 'give a JSON file such as { "base": "grocery" }');
  if (!isRecord(given)) throw wrongOption('--config', given, 'a record such as { "base": "grocery" }');
  const named = base ?? given.base ?? 'grocery';
  const config = readConfig({ ...given, base: named }, set);
  return { config, from: { name: `base ${named}`, config: bases[named as string] } };
}

/** How many changed settings are printed. */
const SHOWN = 5;

/** The settings that differ from the base or from the resumed run, in a few lines. */
function changesOf(config: MoonConfig, from: Origin): string[] {
  const changes = configDifference(from.config, config);
  const [n, rest] = [changes.length, changes.length - SHOWN];
  return [
    n ? `${from.name} with ${n} ${n === 1 ? 'setting' : 'settings'} changed:` : `${from.name}, no settings changed`,
    ...changes.slice(0, SHOWN).map((change) => `  ${differenceText([change])}`),
    ...(rest > 0 ? [`  and ${rest} more; the manifest.json of the run has all settings`] : []),
  ];
}

/** MRR of the headline task on the dev split. */
async function scoreOf(encoder: Encoder, catalogue: Catalogue, pixels: Pixels): Promise<number> {
  const tasks = [headlineTask(catalogue)];
  const { tasks: found } = await evaluateTasks(encoder, catalogue, pixels, {
    split: 'dev',
    tasks,
    controls: false,
    draws: 1,
  });
  return found[0].metrics.MRR.value;
}

/** `loss 3.21, unique negatives: 31 inBatch, 28 hard`: in a small catalogue, many negatives are the same product. */
function noteOf({ loss, uniqueNegatives = {} }: StepRecord): string {
  const sources = Object.entries(uniqueNegatives).map(([source, count]) => `${Math.round(count)} ${source}`);
  return `loss ${loss.toFixed(2)}${sources.length ? `, unique negatives: ${sources.join(', ')}` : ''}`;
}

/** Print how many core regions were found, how often the whole image replaced one, and how many crops were upsampled. */
function printRegions({ regions, fallbacks, upsampled }: RegionReport, say: Say): void {
  if (!regions) return;
  const parts = Object.entries(fallbacks).map(([reason, count]) => `${count} ${reason}`);
  say(`core regions: ${regions}; whole image instead: ${parts.join(', ')}; upsampled crops: ${upsampled}`);
}
