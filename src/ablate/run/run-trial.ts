import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import type { MoonConfig } from '../../config/config.js';
import type { Catalogue } from '../../data/types.js';
import { loadEncoder } from '../../encoder/checkpoints.js';
import type { Encoder } from '../../encoder/encoder.js';
import { preparePixels } from '../../encoder/prepare.js';
import { startEngine } from '../../engine/engine.js';
import { peakMemory } from '../../engine/memory.js';
import { settings } from '../../engine/settings.js';
import * as tf from '../../engine/tf.js';
import { evaluateTasks } from '../../evaluate/evaluate.js';
import { answerOf } from '../../evaluate/rows.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { valueHash } from '../../store/content-hash.js';
import { isRun } from '../../train/run/manifest.js';
import { checkProvenance, studyProvenance } from '../../train/run/provenance.js';
import { trainRun } from '../../train/run/train-run.js';
import type { StepRecord } from '../../train/step-record.js';
import { mergedCopy } from '../changes/merged-copy.js';
import { changedCopy } from '../changes/weight-changes.js';
import { nameOfData, openStudyData } from '../studies/study-data.js';
import { costOf } from './cost.js';
import { lastMeasures } from './last-measures.js';
import { readTrial, type Trial, type TrialResult, writeResult } from './trial.js';

export interface TrialOptions {
  onStep?: (record: StepRecord) => void;
  onProgress?: (label: string, done: number, total: number) => void;
  signal?: AbortSignal;
  /** Whether the process runs no other trial, so that its peak memory is that of the trial. */
  ownProcess?: boolean;
}

/** Checkpoints per trial: a crash loses at most a quarter of the training, and saving costs little. */
const CHECKPOINTS = 4;

/** Cache of rendered pictures that all trials of a study share, relative to a trial's folder. */
const PICTURES = '../../pictures';

/** Train and evaluate the trial in a folder, or resume it. @returns true if it finished, false if the signal stopped it */
export async function runTrialIn(folder: string, options: TrialOptions = {}): Promise<boolean> {
  const { onStep, onProgress, signal, ownProcess = false } = options;
  const trial: Trial = readTrial(folder);
  const { config } = trial.provenance;
  const catalogue = await openStudyData(trial.data);
  await startEngine();
  checkProvenance(
    trial.provenance,
    { config, ...studyProvenance(catalogue, settings.threads) },
    {
      allow: trial.allow,
      cannot: `${folder}: the trial cannot run with the provenance in its folder`,
      remedy: "Run the study's command again",
    },
  );
  if (trial.weights || trial.merge) return measureChanged(folder, trial, catalogue, options);
  const run = join(folder, 'run');
  const network = trial.from === undefined ? config.network : { from: runOf(folder, trial.from) };
  const { encoder, pixels, records } = await trainRun(run, { ...config, network }, catalogue, {
    dataPath: nameOfData(trial.data),
    drawings: join(folder, PICTURES),
    resume: isRun(run),
    allow: trial.allow,
    every: Math.max(1, Math.ceil(config.optimizer.steps / CHECKPOINTS)),
    keep: 1,
    onStep,
    onProgress: (done, total, label) => onProgress?.(label, done, total),
    signal,
  });
  try {
    if (records.length < config.optimizer.steps) return false;
    const measured = trial.tasks.length
      ? await measure(trial, encoder, catalogue, pixels, options)
      : { tasks: [], rows: [] };
    const memory = ownProcess ? peakMemory() : null;
    const training = valueHash(records.map(({ loss }) => loss));
    const start = trial.from === undefined ? undefined : loadEncoder(runOf(folder, trial.from));
    const moved = start && movedFrom(start, encoder);
    start?.parameters.dispose();
    const cost = costOf(encoder, records, memory);
    const measures = lastMeasures(records);
    writeResult(folder, trial, { training, ...measured, cost, measures, ...(moved !== undefined && { moved }) });
    return true;
  } catch (error) {
    if (signal?.aborted && !(error instanceof UserError)) return false;
    throw error;
  } finally {
    encoder.parameters.dispose();
  }
}

/** How far weights moved from those of a network of the same shape; undefined for another shape. */
function movedFrom(start: Encoder, { parameters }: Encoder): number | undefined {
  const from = start.parameters;
  if (from.size !== parameters.size) return undefined;
  return tf.tidy(() => tf.div(tf.norm(tf.sub(parameters, from)), tf.norm(from)).dataSync()[0]);
}

const runOf = (folder: string, sibling: string) => join(folder, '..', sibling, 'run');

/** Evaluate the trained base with changed weights, or with those of networks that were tuned from it. */
async function measureChanged(
  folder: string,
  trial: Trial,
  catalogue: Catalogue,
  options: TrialOptions,
): Promise<boolean> {
  const { signal, ownProcess = false } = options;
  const { weights, merge } = trial;
  const opened: Encoder[] = [];
  const open = (sibling: string) => {
    const encoder = loadEncoder(runOf(folder, sibling));
    opened.push(encoder);
    return encoder;
  };
  try {
    const base = open(weights?.of ?? merge!.base);
    const prepared = ({ config }: Encoder) => sharedPixels(folder, trial, config, catalogue, options);
    const pixels = await prepared(base);
    const encoder = merge
      ? mergedCopy(base, merge.of.map(open), merge)
      : await changedCopy(weights!.change, base, { catalogue, pixels, signal });
    opened.push(encoder);
    // A change of weights may change the config too.
    const shown = await prepared(encoder);
    const measured = await measure(trial, encoder, catalogue, shown, options);
    const cost = costOf(encoder, [], ownProcess ? peakMemory() : null);
    writeResult(folder, trial, { ...measured, cost, ...(merge && { moved: movedFrom(base, encoder) }) });
    return true;
  } catch (error) {
    if (signal?.aborted) return false;
    throw error;
  } finally {
    for (const { parameters } of opened) parameters.dispose();
  }
}

/** The pictures that this process read last. Trials that train nothing mostly see the same, and reading them takes longer than measuring. */
let lastRead: { key: string; pixels: Pixels } | undefined;

async function sharedPixels(
  folder: string,
  { provenance }: Trial,
  config: MoonConfig,
  catalogue: Catalogue,
  { onProgress, signal }: TrialOptions,
): Promise<Pixels> {
  const { imageSize, region, ocr, vision, augment } = config;
  const key = JSON.stringify([provenance.data, imageSize, region, ocr, vision, augment]);
  if (lastRead?.key !== key)
    lastRead = {
      key,
      pixels: await preparePixels(config, catalogue, {
        drawings: join(folder, PICTURES),
        onProgress: (done, total, label) => onProgress?.(label, done, total),
        signal,
      }),
    };
  return lastRead.pixels;
}

async function measure(
  { split, tasks }: Trial,
  encoder: Encoder,
  catalogue: Catalogue,
  pixels: Pixels,
  { onProgress, signal }: TrialOptions,
): Promise<Pick<TrialResult, 'tasks' | 'rows'>> {
  const evaluation = await evaluateTasks(encoder, catalogue, pixels, {
    split,
    tasks,
    rows: true,
    controls: false,
    // Intervals are computed over all trials of the study, not here.
    draws: 1,
    onProgress: ({ done, total }) => onProgress?.('measuring', done, total),
    signal,
  });
  return {
    tasks: evaluation.tasks.map(({ name, title, kind, query, gallery, products, n, items, chance }) => {
      return { name, ...(title === undefined ? {} : { title }), kind, query, gallery, products, n, items, chance };
    }),
    rows: evaluation.tasks.flatMap(({ rows = [] }) =>
      rows.map((row) => ({ task: row.task, query: row.query, product: row.product, gold: row.gold, ...answerOf(row) })),
    ),
  };
}
