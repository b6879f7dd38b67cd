import { UserError } from '../checks/error.js';
import type { Catalogue } from '../data/types.js';
import type { Trained } from '../encoder/encoder.js';
import { openLongCall } from '../engine/long-call.js';
import * as tf from '../engine/tf.js';
import { pushQueue, queueCounts } from '../negatives/queue.js';
import { type SourceName, sourceNames } from '../negatives/sources.js';
import type { ContrastiveOutputs } from '../objectives/contrastive-step.js';
import type { ReadSize } from '../objectives/step-data.js';
import { openSupply } from '../objectives/supply.js';
import type { Pixels } from '../pictures/picture-store.js';
import { learningRate, updateScales } from './adamw.js';
import { stepFunctions } from './step-functions.js';
import { copyState, openStreams, startState, type TrainState } from './train-state.js';

export { sequenceOptions, startNetwork, type Trained } from '../encoder/encoder.js';

/** One update as a plain record. */
export interface StepRecord {
  /** Counted from 1. */
  step: number;
  steps: number;
  stage: 'captions' | 'contrastive';
  /** What was minimised; of accumulated draws the mean, as of every measure. */
  loss: number;
  rate: number;
  /** Of the whole gradient, before it was clipped. */
  gradientNorm: number;
  /** What the losses tell: similarities and shares by source, accuracy, balance, temperature ... */
  measures: Record<string, number>;
  /** Different products among the negatives of a draw, by source; of accumulated draws the mean. Absent in the generative stage. */
  uniqueNegatives?: Partial<Record<SourceName, number>>;
  /** What the network read, on both sides together. */
  size: ReadSize;
  /** Of this update; `dataSeconds` of it went into drawing, pictures and batches on the host. */
  seconds: number;
  dataSeconds: number;
}

/** A step whose loss or gradient is not finite; nothing of it reaches `onState`. */
export class NotFiniteError extends UserError {}

export interface TrainOptions {
  onStep?: (record: StepRecord) => void;
  /** Stops after the running step. */
  signal?: AbortSignal;
  /** Go on from here; the state stays the caller's. */
  resume?: TrainState;
  /** After every update and its record. The tensors are valid until the promise resolves; keep them with `copyState`. */
  onState?: (state: TrainState, record: StepRecord) => void | Promise<void>;
}

/**
 * Train on the pairs of the split `train` and put the weights into `trained`; see `trainSteps`.
 * @throws UserError when the loss is not finite, with the step and the queries of its batch; when a notebook's interrupt stopped it
 */
export async function train(
  trained: Trained,
  catalogue: Catalogue,
  pixels: Pixels,
  { onStep, ...options }: TrainOptions = {},
): Promise<void> {
  for await (const record of trainSteps(trained, catalogue, pixels, options)) onStep?.(record);
}

/**
 * Training by the paper's algorithm (figure 4a), update by update. A generative stage teaches the network to write a product's
 * text below its pictures, where the config has one. Then, again and again: draw products and queries, embed both sides with the one
 * network, pull each query to what was bought and away from every source of negatives, update, and let the items enter the queue.
 *
 * `trained` has its new weights (their average, where the config keeps one) when the iterator ends, also early.
 * @throws UserError when the loss is not finite, with the step and the queries of its batch; when a notebook's interrupt stopped it
 */
export async function* trainSteps(
  trained: Trained,
  catalogue: Catalogue,
  pixels: Pixels,
  options: Omit<TrainOptions, 'onStep'> = {},
): AsyncGenerator<StepRecord, void, void> {
  const { steps } = trained.config.optimizer;
  const call = await openLongCall(options.signal);
  let done = options.resume?.step ?? 0;
  try {
    for await (const record of updates(trained, catalogue, pixels, { ...options, signal: call.signal })) {
      done = record.step;
      const label = record.stage === 'captions' ? 'captions' : 'training';
      call.show({ label, done, total: steps, note: `loss ${record.loss.toFixed(2)}` });
      yield record;
    }
  } finally {
    call.close();
  }
  if (call.interrupted())
    throw new UserError(`Interrupted after step ${done} of ${steps}: the network has the weights of that step.`);
}

async function* updates(
  trained: Trained,
  catalogue: Catalogue,
  pixels: Pixels,
  { signal, resume, onState }: Omit<TrainOptions, 'onStep'>,
): AsyncGenerator<StepRecord, void, void> {
  const { config, model, layout } = trained;
  const { steps, warmUp, rate: peak, accumulate, rates } = config.optimizer;
  const { temporal } = config.negatives;
  const state = resume ? copyState(resume) : startState(config, trained.parameters, model.network.text.width);
  const streams = openStreams(config, state);
  const supply = openSupply(trained, catalogue, pixels, streams, state);
  const { captionStep, contrastiveStep, update } = stepFunctions(trained);
  const scales = updateScales(layout, rates);
  const captionSteps = config.captioning.kind === 'captions' ? Math.round(config.captioning.share * steps) : 0;

  try {
    while (state.step < steps && !signal?.aborted) {
      const started = performance.now();
      const { tensors } = state;
      const stage = state.step < captionSteps ? 'captions' : 'contrastive';
      let dataSeconds = 0;
      let gradient: tf.Tensor1D | undefined;
      const records: Record<string, tf.Scalar>[] = [];
      const asked: string[] = [];
      const uniques: Partial<Record<SourceName, number>>[] = [];
      const size: ReadSize = { tokens: 0, pairs: 0, pictures: 0 };
      await supply.refresh(state, trained);
      for (let draw = 0; draw < accumulate; draw++) {
        const drawing = performance.now();
        const input = stage === 'captions' ? supply.captions() : supply.contrastive();
        dataSeconds += (performance.now() - drawing) / 1000;
        asked.push(...input.ids);
        for (const what of ['tokens', 'pairs', 'pictures'] as const) size[what] += input.size[what];
        const parameters = tensors.parameters as tf.Tensor1D;
        const useQueue = stage === 'contrastive' && queueCounts(temporal, state.step, steps);
        const queue = useQueue ? queueOf(tensors) : undefined;
        const output =
          input.stage === 'captions' ? captionStep(parameters, input) : contrastiveStep(parameters, input, queue);
        if (input.stage === 'contrastive') {
          uniques.push(input.uniqueNegatives(queue?.products.dataSync()));
          const { itemEmbeddings } = output as ContrastiveOutputs;
          setQueue(tensors, pushQueue(queueOf(tensors), itemEmbeddings, input.given.itemProducts));
          itemEmbeddings.dispose();
        }
        input.dispose();
        gradient = addGradient(gradient, output.gradient);
        records.push(output.record);
      }
      const rate = learningRate(state.step, steps, peak, warmUp);
      const { norm, next } = update({ state, gradient: gradient!, scales, rate, draws: accumulate });
      const { total: loss, gradientNorm, ...measures } = await readRecords(records, norm);
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
        tf.dispose(next);
        throw new NotFiniteError(
          `Step ${state.step + 1}: ${Number.isFinite(loss) ? `the gradient's norm is ${gradientNorm}` : `the loss is ${loss}`}. Its queries were ${asked.join(', ')}. The network has the weights from before this step. Lower optimizer.rate or look at these inputs.`,
        );
      }
      tf.dispose(Object.keys(next).map((name) => tensors[name]));
      Object.assign(tensors, next);
      state.step++;
      state.streams = Object.fromEntries(Object.entries(streams).map(([name, stream]) => [name, stream.state()]));
      const seconds = (performance.now() - started) / 1000;
      const record = {
        step: state.step,
        steps,
        stage,
        loss,
        rate,
        gradientNorm,
        measures,
        ...(uniques.length ? { uniqueNegatives: meanOf(uniques) } : {}),
        size,
        seconds,
        dataSeconds,
      } as const;
      yield record;
      // Lets timers, progress bars and an interrupt in a notebook have their turn.
      await new Promise((resolve) => setImmediate(resolve));
      await onState?.(state, record);
    }
  } finally {
    trained.parameters.dispose();
    trained.parameters = tf.clone((state.tensors.average ?? state.tensors.parameters) as tf.Tensor1D);
    tf.dispose([state.tensors, scales]);
  }
}

const queueOf = (tensors: TrainState['tensors']) => ({
  embeddings: tensors.queueEmbeddings as tf.Tensor2D,
  products: tensors.queueProducts as tf.Tensor1D,
});

function setQueue(tensors: TrainState['tensors'], { embeddings, products }: ReturnType<typeof queueOf>): void {
  tensors.queueEmbeddings = embeddings;
  tensors.queueProducts = products;
}

function addGradient(sum: tf.Tensor1D | undefined, next: tf.Tensor1D): tf.Tensor1D {
  if (!sum) return next;
  const both = tf.add(sum, next) as tf.Tensor1D;
  tf.dispose([sum, next]);
  return both;
}

function meanOf(draws: readonly Partial<Record<SourceName, number>>[]): Partial<Record<SourceName, number>> {
  const names = sourceNames.filter((name) => draws.some((draw) => draw[name] !== undefined));
  return Object.fromEntries(
    names.map((name) => [name, draws.reduce((sum, draw) => sum + (draw[name] ?? 0), 0) / draws.length]),
  );
}

/** One trip to the host for all scalars of an update: the mean over its draws. Frees them. */
async function readRecords(
  records: readonly Record<string, tf.Scalar>[],
  norm: tf.Scalar,
): Promise<Record<string, number> & { total: number; gradientNorm: number }> {
  const names = Object.keys(records[0]);
  const stacked = tf.tidy(() => tf.stack([...records.flatMap((record) => names.map((name) => record[name])), norm]));
  const values = await stacked.data();
  tf.dispose([stacked, norm, ...records]);
  const mean = (at: number) =>
    records.reduce((sum, _, draw) => sum + values[draw * names.length + at], 0) / records.length;
  const measures = Object.fromEntries(names.map((name, at) => [name, mean(at)]));
  return { ...measures, total: measures.total, gradientNorm: values[values.length - 1] };
}
