import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import { fillIn } from '../../checks/fill-in.js';
import { integer } from '../../checks/schema.js';
import type { Exchange } from '../../cluster/exchange.js';
import { checkConfig } from '../../config/check-config.js';
import type { MoonConfig } from '../../config/config.js';
import { checkTrainingImages } from '../../config/needed-images.js';
import { settledConfig } from '../../config/settled-config.js';
import { countFound, type Found } from '../../data/found.js';
import type { Catalogue } from '../../data/types.js';
import type { Best } from '../../encoder/checkpoints.js';
import { findCheckpoint, savedSteps } from '../../encoder/checkpoints.js';
import type { Encoder } from '../../encoder/encoder.js';
import { type Experiment, prepare } from '../../encoder/prepare.js';
import { publishedParts } from '../../encoder/published-parts.js';
import { longCall } from '../../engine/long-call.js';
import { summarised } from '../../engine/summary.js';
import * as tf from '../../engine/tf.js';
import type { PixelOptions } from '../../pictures/picture-store.js';
import { writeFileAtomic } from '../../store/atomic.js';
import { lockFolder } from '../../store/folder-lock.js';
import { checkRunFile, writeRunChecksums } from '../../store/run-checksums.js';
import { enrichCatalogue, enrichText } from '../enrich/enrich-catalogue.js';
import { ineffectiveSettings } from '../first-losses.js';
import { trainSteps } from '../loop.js';
import { meetWorkers, waitForAll } from '../shared/meet.js';
import { NotFiniteError, type StepRecord } from '../step-record.js';
import type { TrainState } from '../train-state.js';
import { evaluatedParameters, type Tuning } from '../tuning/tuning.js';
import { markBest, readState, resetTo, saveCheckpoint } from './checkpoint.js';
import { openTrainedOn } from './keep-trained-on.js';
import { describeRun, isRun, provenanceOf, readManifest, writeManifest } from './manifest.js';
import { appendMetrics, cutMetrics } from './metrics-file.js';
import { checkAllowed, checkProvenance } from './provenance.js';

export interface TrainRunOptions {
  /** Path of the data as given by the user, for the manifest. */
  dataPath?: string;
  /** The fold of unseen products (G2) that was removed from the catalogue, counted from 1, for the manifest. */
  fold?: number;
  /** Cache folder for images of generated data (see `preparePixels`). */
  drawings?: string;
  /** Resume the run in this folder. */
  resume?: boolean;
  /** Parts of the provenance in which this process may differ from the one that was stopped (see `Provenance`). */
  allow?: readonly string[];
  /** Number of steps between checkpoints. The last step always has one. Default: a tenth of the run. */
  every?: number;
  /** Number of checkpoints kept in addition to the best. Default 2. */
  keep?: number;
  /** Score on dev, higher is better. Computed at every checkpoint; the best checkpoint is kept. */
  score?: (encoder: Encoder, experiment: Experiment, step: number) => Promise<number>;
  /** The config from which this one was derived. At the start of a new run it is tested whether the change has any effect. */
  changedFrom?: MoonConfig;
  /** Called with the changed settings of MOON's components if together they leave the first losses identical, bit for bit. */
  onNoEffect?: (settings: string[]) => void;
  /** Called with the counts of what was found in the data: before images are read, and again if some of them could not be read. */
  onFound?: (found: Found) => void;
  onStep?: (record: StepRecord) => void;
  /** The other processes that train this run; this one is number 0. The others call `followRun`. */
  exchange?: Exchange;
  /** Called once for a worker that computes much longer than the others, with its name. */
  onSlow?: (worker: string) => void;
  onProgress?: PixelOptions['onProgress'];
  signal?: AbortSignal;
}

/** A run that finished or was stopped. `records` contains all of its steps, including those before it was resumed. */
export interface FinishedRun extends Experiment {
  records: StepRecord[];
}

/**
 * Train in a run folder: manifest.json, metrics.jsonl, trained-on.json, checkpoints. A run stopped at any step and in any way can be
 * resumed with `resume`, and then reproduces the weights and metrics of an uninterrupted run bit for bit.
 * @throws UserError for a wrong config; for a config that shows images if no training product has one; for a folder that already contains a
 * run, is in use by another process, or whose run has a different provenance; for a step that is not finite, naming the last good
 * checkpoint; for workers that differ; and if interrupted in a notebook
 * @example
 * ```ts
 * const catalogue = await moon.openCatalogue(moon.GROCERY_PACK);
 * const { encoder, records } = await moon.trainRun('runs/mine', moon.grocery, catalogue, { resume: true });
 * console.log(records.length);
 * encoder.parameters.dispose();
 * ```
 */
export async function trainRun(
  folder: string,
  config: MoonConfig,
  catalogue: Catalogue,
  options: TrainRunOptions = {},
): Promise<FinishedRun> {
  const { steps } = config.optimizer;
  return longCall(options.signal, async ({ signal, show, interrupted }) => {
    const run = await runInFolder(folder, config, catalogue, {
      ...options,
      signal,
      onProgress(done, total, label) {
        show({ label, done, total });
        options.onProgress?.(done, total, label);
      },
      onStep(record) {
        show({ label: 'training', done: record.step, total: steps, note: `loss ${record.loss.toFixed(2)}` });
        options.onStep?.(record);
      },
    });
    if (!interrupted()) return run;
    run.encoder.parameters.dispose();
    throw new UserError(
      `Interrupted after step ${run.records.length} of ${steps}. To resume from the checkpoint in ${folder}, use resume: true.`,
    );
  });
}

const count = integer({ min: 1, help: 'a count' });

async function runInFolder(
  folder: string,
  asked: MoonConfig,
  given: Catalogue,
  options: TrainRunOptions,
): Promise<FinishedRun> {
  const {
    dataPath = given.root,
    resume = false,
    allow = [],
    keep,
    score,
    onFound,
    onStep,
    onProgress,
    signal,
  } = options;
  checkConfig(asked);
  checkAllowed(allow);
  const config = settledConfig(asked, isRun(folder) ? readManifest(folder).config : undefined);
  if (options.every !== undefined) fillIn(count, options.every, 'every');
  if (keep !== undefined) fillIn(count, keep, 'keep');
  const every = options.every ?? Math.max(1, Math.ceil(config.optimizer.steps / 10));
  const found = countFound(given);
  onFound?.(found);
  checkTrainingImages(config, found);
  mkdirSync(folder, { recursive: true });
  const lock = await lockFolder(folder);
  let state: TrainState | undefined;
  try {
    const trainedOn = openTrainedOn(folder);
    let manifest = describeRun(config, given, dataPath, options.fold);
    const { exchange } = options;
    const workers = exchange && (await meetWorkers(exchange, provenanceOf(manifest)));
    const parts = await publishedParts(config);
    manifest.parts = parts;
    if (workers) manifest.workers = workers;
    const resumes = isRun(folder);
    if (resumes) {
      if (!resume)
        throw new UserError(`${folder}: already contains a run. Resume it with --resume, or choose another --out.`);
      const was = readManifest(folder);
      checkProvenance(provenanceOf(was), provenanceOf(manifest), {
        allow,
        cannot: 'The run cannot resume bit for bit',
        remedy: 'Restore it',
      });
      for (const [setting, hash] of Object.entries(was.parts ?? {}))
        if (parts[setting] !== hash)
          throw new UserError(
            `${setting}: its files have changed since ${folder} began. The run cannot resume bit for bit; restore them.`,
          );
      checkRunFile(folder, 'metrics.jsonl');
      manifest = { ...manifest, started: was.started };
    }
    writeManifest(folder, manifest);
    if (resumes) state = lastState(folder);
    const records = cutMetrics(folder, state?.step ?? 0);
    const { drawings } = options;
    const { catalogue, report: enriched } = await enrichCatalogue(config, given, { signal, onProgress, drawings });
    if (enriched) writeFileAtomic(join(folder, 'enriched.json'), `${JSON.stringify(enriched, null, 2)}\n`);
    const experiment = await prepare(config, catalogue, onProgress, { signal, run: folder, drawings });
    const { encoder, pixels } = experiment;
    if (pixels.missing.size) onFound?.(experiment.found);
    manifest = {
      ...manifest,
      found: experiment.found,
      pictures: { missing: Object.fromEntries(pixels.missing), regions: pixels.regions },
      ...(enriched && { enriched: enrichText(enriched) }),
    };
    writeManifest(folder, manifest);
    if (options.changedFrom && !resumes) {
      const settings = await ineffectiveSettings(options.changedFrom, config, catalogue, pixels);
      if (settings) options.onNoEffect?.(settings);
    }
    if (state) trainedOn.restore(encoder, { catalogue, pixels, mayDiffer: allow.includes('data') });
    if (exchange) await waitForAll(exchange);
    const steps = trainSteps(encoder, catalogue, pixels, {
      signal,
      resume: state,
      exchange,
      onSlow: (worker) => options.onSlow?.(workers![worker]),
      async onState(current, record, tuning) {
        lock.check();
        appendMetrics(folder, record);
        const isDue = current.step % every === 0 || current.step === config.optimizer.steps;
        // A run is not scored where it was stopped, because an uninterrupted run would not be scored there.
        const found = isDue && score ? await scoreOf(current, tuning, score, experiment) : undefined;
        // The score is part of the checkpoint, so that a resumed run knows the best score so far.
        if (found) current.extra.best = found;
        trainedOn.save(encoder);
        if (isDue || signal?.aborted) saveCheckpoint(folder, current, encoder, { keep, tuning });
        if (found) markBest(folder, found);
      },
    });
    try {
      for await (const record of steps) {
        records.push(record);
        onStep?.(record);
      }
    } catch (error) {
      encoder.parameters.dispose();
      throw error instanceof NotFiniteError ? withLastCheckpoint(error, folder) : error;
    }
    trainedOn.save(encoder);
    const finished = records.length >= config.optimizer.steps;
    const status = finished ? 'finished' : 'stopped';
    writeManifest(folder, { ...manifest, status, finished: new Date().toISOString() });
    writeRunChecksums(folder);
    return summarised({ ...experiment, records }, runSummary);
  } finally {
    if (state) tf.dispose(state.tensors);
    lock.release();
  }
}

/** Score a state. Returns undefined unless it is the best so far. */
async function scoreOf(
  state: TrainState,
  tuning: Tuning,
  score: NonNullable<TrainRunOptions['score']>,
  experiment: Experiment,
): Promise<Best | undefined> {
  const { step, extra } = state;
  const parameters = evaluatedParameters(state, tuning);
  const value = await score({ ...experiment.encoder, parameters }, experiment, step);
  parameters.dispose();
  return extra.best && value <= extra.best.score ? undefined : { step, score: value };
}

function withLastCheckpoint({ message }: NotFiniteError, folder: string): UserError {
  const last = savedSteps(folder).at(-1);
  return new UserError(
    `${message} ${last ? `The last good checkpoint is of step ${last}.` : 'There is no checkpoint yet.'}`,
  );
}

/** Read the latest undamaged state and reset the folder to it. Undefined if the run stopped before its first checkpoint. */
function lastState(folder: string): TrainState | undefined {
  if (!savedSteps(folder).length) return undefined;
  const state = readState(findCheckpoint(folder, 'last'));
  resetTo(folder, state);
  return state;
}

function runSummary({ records, found: { images } }: Pick<FinishedRun, 'records' | 'found'>): string {
  const [first, last] = [records[0], records.at(-1)];
  const lost = images.missing + images.unreadable;
  const without = lost ? `Without ${lost} of ${images.found + lost} images. ` : '';
  return first && last
    ? `${without}Run: ${last.step} of ${last.steps} steps, loss ${first.loss.toFixed(3)} -> ${last.loss.toFixed(3)}`
    : `${without}Run: no step yet`;
}
