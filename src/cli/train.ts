import { join } from 'node:path';
import { UserError } from '../checks/error.js';
import type { MoonConfig } from '../config/config.js';
import { configDifference, differenceText } from '../config/config-difference.js';
import { checkTrainingImages } from '../config/needed-images.js';
import { withoutProducts } from '../data/folds.js';
import { countFound } from '../data/found.js';
import { pairsText } from '../data/found-text.js';
import type { Catalogue } from '../data/types.js';
import { foldOf } from '../datasets/folds.js';
import { GROCERY_PACK } from '../datasets/grocery/pack.js';
import { openCatalogue } from '../datasets/open.js';
import { headlineTask, tasksOf } from '../datasets/tasks.js';
import type { Encoder } from '../encoder/encoder.js';
import { requirePublishedParts } from '../encoder/published-parts.js';
import { engineText, startEngine } from '../engine/engine.js';
import { evaluateTasks } from '../evaluate/evaluate.js';
import type { Pixels, RegionReport } from '../pictures/picture-store.js';
import { requireFit } from '../train/forecast/forecast.js';
import { followRun } from '../train/run/follow-run.js';
import { readManifest } from '../train/run/manifest.js';
import { summaryWriter } from '../train/run/summary-writer.js';
import { type TrainRunOptions, trainRun } from '../train/run/train-run.js';
import type { StepRecord } from '../train/step-record.js';
import { checkFrozenNumbers } from '../train/tuning/tuning.js';
import { efficiencyText } from './efficiency.js';
import { dataOfRun } from './open-networks.js';
import { refuseInside } from './places.js';
import { foundPrinter } from './print-found.js';
import { saveResults } from './run-results.js';
import { isForecast, sayForecast } from './say-forecast.js';
import { configOf, type Origin, type TrainOptions, withWorkers } from './train-config.js';
import { trainOnCluster } from './train-on-ray.js';
import { placeHere, placeOfWorker, type TrainPlace } from './train-place.js';
import { waitUntilUnlocked } from './wait-until-unlocked.js';

type Say = (text: string) => void;

/** Train into a run folder, or resume a run. @returns exit code: 1 if it was stopped @throws UserError for invalid options or data */
export async function runTraining(options: TrainOptions): Promise<number> {
  if (options.on === 'ray') return trainOnCluster(options);
  const place = options.asWorker ? await placeOfWorker() : placeHere(options.json);
  try {
    return await trainIn(place, options);
  } finally {
    place.endBar();
    place.close();
  }
}

async function trainIn(place: TrainPlace, options: TrainOptions): Promise<number> {
  const { run: resumed, resume, allow, every, split } = options;
  const { say, exchange } = place;
  const out = resumed ?? options.out;
  const was = resume ? readManifest(out) : undefined;
  const { config: given, from } = configOf(options, was && { name: out, config: was.config });
  const config = exchange ? withWorkers(given, exchange.world) : given;
  const dataPath = options.data ?? (was ? dataOfRun(out) : GROCERY_PACK);
  refuseInside(out, dataPath, resumed === undefined ? '--out' : '--run');
  const fold = options.fold ?? was?.data.fold;
  const allProducts = await openCatalogue(dataPath);
  const catalogue = fold === undefined ? allProducts : withoutProducts(allProducts, foldOf(allProducts, fold));
  if (exchange?.rank) {
    await startEngine();
    await followRun(out, config, catalogue, { dataPath, fold, resume, exchange });
    return 0;
  }
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
      place.result({ found, forecast: expected });
      return expected.fits ? 0 : 1;
    }
    requireFit(expected);
  }

  const score: TrainRunOptions['score'] = async (now, { pixels }, step) => {
    const value = await scoreOf(now, catalogue, pixels);
    say(`step ${step}: dev MRR ${(100 * value).toFixed(1)}`);
    return value;
  };
  const board = options.tensorboard ? summaryWriter(join(out, 'tensorboard')) : undefined;
  const here: StepRecord[] = [];
  // A worker that was lost may hold the lock of its run until the end of its step.
  if (exchange) await waitUntilUnlocked(out);
  try {
    const run = await trainRun(out, config, catalogue, {
      dataPath,
      fold,
      resume,
      allow,
      every,
      exchange,
      signal: place.signal,
      // Its groups are no change of the config.
      changedFrom: exchange ? withWorkers(from.config, exchange.world) : from.config,
      onNoEffect(settings) {
        say(`WARNING: ${settings.join(', ')} had no effect: the first losses equal those of ${from.name} bit for bit.`);
      },
      onSlow: (worker) => say(`${worker} is slow: it computes more than 1.5 times as long as the others`),
      onFound: printFound,
      onProgress: (done, total, label) => place.show({ label, done, total }),
      onStep: (record) => {
        board?.write(record);
        here.push(record);
        place.show({ label: record.stage, done: record.step, total: steps, note: noteOf(record) });
      },
      score: options.score ? score : undefined,
    });
    place.endBar();
    const { encoder, pixels, records } = run;
    for (const [id, reason] of pixels.missing) console.error(`missing: ${id}: ${reason}`);
    const last = records.at(-1);
    const stopped = records.length < steps;
    printRegions(pixels.regions, say);
    const speed = exchange && efficiencyText(here, exchange.world);
    if (speed) say(speed);
    const report = stopped ? undefined : await saveResults(out, run, catalogue, split);
    if (!options.json)
      say(
        stopped
          ? `stopped after step ${records.length}; npx moon-lab train --run ${out} --resume${exchange ? ' --on ray' : ''} resumes`
          : `run: ${out}, loss ${last?.loss.toFixed(3)}\nreport: ${report}`,
      );
    place.result({ run: out, steps: records.length, stopped, loss: last?.loss ?? null });
    encoder.parameters.dispose();
    // A worker that was asked to stop has done its work.
    return stopped && !exchange ? 1 : 0;
  } finally {
    board?.close();
  }
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
