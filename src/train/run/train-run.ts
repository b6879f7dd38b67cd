import { mkdirSync } from 'node:fs';
import { UserError } from '../../checks/error.js';
import { fillIn } from '../../checks/fill-in.js';
import { integer } from '../../checks/schema.js';
import { checkConfig } from '../../config/check-config.js';
import type { MoonConfig } from '../../config/config.js';
import { checkTrainingImages } from '../../config/needed-images.js';
import { countFound, type Found } from '../../data/found.js';
import type { Catalogue } from '../../data/types.js';
import type { Best } from '../../encoder/checkpoints.js';
import { findCheckpoint, savedSteps } from '../../encoder/checkpoints.js';
import type { Encoder } from '../../encoder/encoder.js';
import { type Experiment, prepare } from '../../encoder/prepare.js';
import { longCall } from '../../engine/long-call.js';
import { summarised } from '../../engine/summary.js';
import * as tf from '../../engine/tf.js';
import type { PixelOptions } from '../../pictures/picture-store.js';
import { lockFolder } from '../../store/folder-lock.js';
import { checkListed, listRun } from '../../store/run-checksums.js';
import { changesNothing } from '../first-losses.js';
import { trainSteps } from '../loop.js';
import { NotFiniteError, type StepRecord } from '../step-record.js';
import type { TrainState } from '../train-state.js';
import { goBackTo, markBest, readState, saveCheckpoint } from './checkpoint.js';
import { openTrainedOn } from './keep-trained-on.js';
import { describeRun, isRun, provenanceOf, readManifest, writeManifest } from './manifest.js';
import { appendMetrics, cutMetrics } from './metrics-file.js';
import { checkAllowed, checkProvenance } from './provenance.js';

export interface TrainRunOptions {
  /** The data's folder as the user named it, for the manifest. */
  dataPath?: string;
  /** Which fold of unseen products (G2) the catalogue lacks, counted from 1, for the manifest. */
  fold?: number;
  /** Where decoded pictures of generated data are kept (see `preparePixels`). */
  drawings?: string;
  /** Resume the run of this folder. */
  resume?: boolean;
  /** Parts of the provenance by which this process may differ from the one that stopped (see `Provenance`). */
  allow?: readonly string[];
  /** Steps between checkpoints; one is made at the end in any case. Default a tenth of the run. */
  every?: number;
  /** Checkpoints kept beside the best. Default 2. */
  keep?: number;
  /** Quality on dev, more is better: looked at with every checkpoint, and the best is kept. */
  score?: (encoder: Encoder, experiment: Experiment, step: number) => Promise<number>;
  /** The config that this one was changed from: of a new run it is tried whether the change does anything. */
  changedFrom?: MoonConfig;
  /** Told the changed settings of MOON's pieces where all of them together leave the first losses as they were, to the bit. */
  onNoEffect?: (settings: string[]) => void;
  /** Told what was found of the data: before images are read, and once more when some of them could not be. */
  onFound?: (found: Found) => void;
  onStep?: (record: StepRecord) => void;
  onProgress?: PixelOptions['onProgress'];
  signal?: AbortSignal;
}

/** A run that ended or was stopped; `records` holds all of its steps, those before a resumption too. */
export interface FinishedRun extends Experiment {
  records: StepRecord[];
}

/**
 * Train into a folder: manifest.json, metrics.jsonl, trained-on.json, checkpoints. Stopped at any step and in any way, it resumes with `resume` and
 * gives the weights and the metrics of a run that never stopped, bit for bit.
 * @throws UserError for a wrong config, for one that shows images where no product for training has any, for a folder that holds a run
 * already, that another process writes into, or whose run has another provenance; for a step that is not finite, with the last good
 * checkpoint; when a notebook's interrupt stopped it
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
      `Interrupted after step ${run.records.length} of ${steps}. Resume with resume: true, from the checkpoint in ${folder}.`,
    );
  });
}

const count = integer({ min: 1, help: 'a count' });

async function runInFolder(
  folder: string,
  config: MoonConfig,
  catalogue: Catalogue,
  options: TrainRunOptions,
): Promise<FinishedRun> {
  const {
    dataPath = catalogue.root,
    resume = false,
    allow = [],
    keep,
    score,
    onFound,
    onStep,
    onProgress,
    signal,
  } = options;
  checkConfig(config);
  checkAllowed(allow);
  if (options.every !== undefined) fillIn(count, options.every, 'every');
  if (keep !== undefined) fillIn(count, keep, 'keep');
  const every = options.every ?? Math.max(1, Math.ceil(config.optimizer.steps / 10));
  const found = countFound(catalogue);
  onFound?.(found);
  checkTrainingImages(config, found);
  mkdirSync(folder, { recursive: true });
  const lock = await lockFolder(folder);
  let state: TrainState | undefined;
  try {
    const trainedOn = openTrainedOn(folder);
    let manifest = describeRun(config, catalogue, dataPath, options.fold);
    const goesOn = isRun(folder);
    if (goesOn) {
      if (!resume)
        throw new UserError(`${folder}: holds a run already. Resume it with --resume, or choose another --out.`);
      const was = readManifest(folder);
      checkProvenance(provenanceOf(was), provenanceOf(manifest), {
        allow,
        cannot: 'The run cannot resume bit for bit',
        remedy: 'Restore it',
      });
      checkListed(folder, 'metrics.jsonl');
      manifest = { ...manifest, started: was.started };
    }
    writeManifest(folder, manifest);
    if (goesOn) state = stateOf(folder);
    const records = cutMetrics(folder, state?.step ?? 0);
    const experiment = await prepare(config, catalogue, onProgress, {
      signal,
      run: folder,
      drawings: options.drawings,
    });
    const { encoder, pixels } = experiment;
    if (pixels.missing.size) onFound?.(experiment.found);
    manifest = {
      ...manifest,
      found: experiment.found,
      pictures: { missing: Object.fromEntries(pixels.missing), regions: pixels.regions },
    };
    writeManifest(folder, manifest);
    if (options.changedFrom && !goesOn) {
      const settings = await changesNothing(options.changedFrom, config, catalogue, pixels);
      if (settings) options.onNoEffect?.(settings);
    }
    if (state) trainedOn.recall(encoder, { catalogue, pixels, mayDiffer: allow.includes('data') });
    const steps = trainSteps(encoder, catalogue, pixels, {
      signal,
      resume: state,
      async onState(current, record) {
        lock.check();
        appendMetrics(folder, record);
        const isDue = current.step % every === 0 || current.step === config.optimizer.steps;
        // Where a run was stopped is no place to score it: one that never stopped would not have looked there.
        const found = isDue && score ? await scoreOf(current, score, experiment) : undefined;
        // The score is part of the checkpoint, so that a run that resumes from it knows what it has to beat.
        if (found) current.extra.best = found;
        trainedOn.keep(encoder);
        if (isDue || signal?.aborted) saveCheckpoint(folder, current, encoder, { keep });
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
    trainedOn.keep(encoder);
    const finished = records.length >= config.optimizer.steps;
    const status = finished ? 'finished' : 'stopped';
    writeManifest(folder, { ...manifest, status, finished: new Date().toISOString() });
    listRun(folder);
    return summarised({ ...experiment, records }, runSummary);
  } finally {
    if (state) tf.dispose(state.tensors);
    lock.release();
  }
}

/** The score of a state that is the best so far; undefined for another. */
async function scoreOf(
  { step, tensors, extra }: TrainState,
  score: NonNullable<TrainRunOptions['score']>,
  experiment: Experiment,
): Promise<Best | undefined> {
  const parameters = (tensors.average ?? tensors.parameters) as tf.Tensor1D;
  const value = await score({ ...experiment.encoder, parameters }, experiment, step);
  return extra.best && value <= extra.best.score ? undefined : { step, score: value };
}

function withLastCheckpoint({ message }: NotFiniteError, folder: string): UserError {
  const last = savedSteps(folder).at(-1);
  return new UserError(
    `${message} ${last ? `The last good checkpoint is of step ${last}.` : 'There is no checkpoint yet.'}`,
  );
}

/** The latest whole state, and the folder as it was then; none where a run stopped before its first checkpoint. */
function stateOf(folder: string): TrainState | undefined {
  if (!savedSteps(folder).length) return undefined;
  const state = readState(findCheckpoint(folder, 'last'));
  goBackTo(folder, state);
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
