import { setImmediate } from 'node:timers/promises';
import { UserError } from '../checks/error.js';
import type { Exchange } from '../cluster/exchange.js';
import { withoutImages } from '../data/drop-missing.js';
import { joinTrainedOn, trainedOnOf } from '../data/trained-on.js';
import { collectTrainingSet } from '../data/training-set.js';
import type { Catalogue } from '../data/types.js';
import type { Encoder } from '../encoder/encoder.js';
import { openLongCall } from '../engine/long-call.js';
import * as tf from '../engine/tf.js';
import { spatialOption } from '../negatives/options.js';
import { type Stage, stagesOf, writingObjectives } from '../objectives/index.js';
import type { Objective, ObjectiveContext, ObjectiveKind, StepBatch, StepOutput } from '../objectives/objective.js';
import type { Pixels } from '../pictures/picture-store.js';
import { openSampler } from '../sampler/sampler.js';
import { enriches } from './enrich/option.js';
import { openUpdater } from './optimizer/update.js';
import { openTeam } from './shared/team.js';
import { readMeasures, requireFinite, type StepRecord } from './step-record.js';
import { copyState, minedOf, openStreams, startState, type TrainState } from './train-state.js';
import { evaluatedParameters, openTuning, type Tuning } from './tuning/tuning.js';

export interface TrainOptions {
  onStep?: (record: StepRecord) => void;
  /** Stops after the current step. */
  signal?: AbortSignal;
  /** The state to resume from, of an encoder with the weights of the start. It remains the caller's. */
  resume?: TrainState;
  /**
   * Called after every update, when its record has been yielded. The tensors are valid until the promise resolves; keep them with
   * `copyState`.
   */
  onState?: (state: TrainState, record: StepRecord, tuning: Tuning) => void | Promise<void>;
  /** The training stages, in order. Default: the stages of the config. */
  stages?: readonly Stage[];
  /**
   * The other processes that train this network with this one, each with the same config, data and state: they share the rows of every step
   * and have the same weights after every update. If one is aborted, all stop after the same update.
   */
  exchange?: Exchange;
  /** Called once for a worker that computes much longer than the others, with its number. */
  onSlow?: (worker: number) => void;
}

/**
 * Train on the pairs of the split `train` and store the weights in `encoder`. See `trainSteps`.
 * @throws UserError if the loss is not finite, with the step and the queries of its batch; or if interrupted in a notebook
 * @example
 * ```ts
 * const catalogue = await moon.openCatalogue(moon.GROCERY_PACK);
 * const { encoder, pixels } = await moon.prepare(moon.budgeted(moon.grocery, 120), catalogue);
 * await moon.train(encoder, catalogue, pixels, { onStep: ({ step, loss }) => console.log(step, loss) });
 * ```
 */
export async function train(
  encoder: Encoder,
  catalogue: Catalogue,
  pixels: Pixels,
  { onStep, ...options }: TrainOptions = {},
): Promise<void> {
  for await (const record of trainSteps(encoder, catalogue, pixels, options)) onStep?.(record);
}

/**
 * The training algorithm of the paper (figure 4a), update by update. If the config has a captioning stage, the model first learns to
 * predict a product's text from its images. Then each step samples products and queries, embeds both sides with the same weights, pulls
 * each query towards the bought product and away from the negatives of every source, updates the weights, and adds the items to the queue.
 *
 * When the iterator ends, also early, `encoder` has the new weights (their average, if the config keeps one). From the first update on,
 * `encoder.trainedOn` records the training data.
 * @throws UserError if the loss is not finite, with the step and the queries of its batch; or if interrupted in a notebook
 */
export async function* trainSteps(
  encoder: Encoder,
  catalogue: Catalogue,
  pixels: Pixels,
  options: Omit<TrainOptions, 'onStep'> = {},
): AsyncGenerator<StepRecord, void, void> {
  const { steps } = encoder.config.optimizer;
  const call = await openLongCall(options.signal);
  let done = options.resume?.step ?? 0;
  try {
    for await (const record of updates(encoder, catalogue, pixels, { ...options, signal: call.signal })) {
      done = record.step;
      const label = record.stage in writingObjectives ? record.stage : 'training';
      call.show({ label, done, total: steps, note: `loss ${record.loss.toFixed(2)}` });
      yield record;
    }
  } finally {
    call.close();
  }
  if (call.interrupted())
    throw new UserError(`Interrupted after step ${done} of ${steps}. The encoder has the weights of that step.`);
}

async function* updates(
  encoder: Encoder,
  catalogue: Catalogue,
  pixels: Pixels,
  { signal, resume, onState, stages = stagesOf(encoder.config), exchange, onSlow }: Omit<TrainOptions, 'onStep'>,
): AsyncGenerator<StepRecord, void, void> {
  const { steps, accumulate } = encoder.config.optimizer;
  if (enriches(encoder.config.enrich) && !catalogue.enriched)
    throw new UserError(
      'enrich: the catalogue has no generated views or texts. Make them first with enrichCatalogue(config, catalogue), or train with trainRun.',
    );
  const team = exchange && openTeam(exchange, stages, onSlow);
  const tuning = openTuning(encoder);
  const state = resume ? copyState(resume) : startState(encoder, tuning.start(), stages);
  const updater = openUpdater({ ...encoder, layout: tuning.layout });
  try {
    const run = openRun({ encoder, trained: tuning, pixels, state, exchange: team?.exchange }, catalogue, stages);
    const { objectiveAt, streams, trainingSet } = run;
    // If the earlier training data of the weights are unknown, they remain unknown.
    const trainedOn = encoder.trainedOn && joinTrainedOn(encoder.trainedOn, trainedOnOf(trainingSet));
    // From here on the state and the frozen weights are the network; a second copy of a large one would be in the way.
    encoder.parameters.dispose();
    while (state.step < steps && !(team ? team.stopped : signal?.aborted)) {
      const started = performance.now();
      const { stage, objective, shares } = objectiveAt(state.step);
      const trained = state.tensors.parameters as tf.Tensor1D;
      const batches: StepBatch[] = [];
      const outputs: StepOutput[] = [];
      let dataSeconds = 0;
      let gradient: tf.Tensor1D | undefined;

      await objective.before?.(() => tuning.parametersOf(trained));
      while (batches.length < accumulate) {
        const sampling = performance.now();
        const batch = objective.sample();
        dataSeconds += (performance.now() - sampling) / 1000;
        const output = await objective.step({ trained, frozen: tuning.frozen }, batch);
        objective.after?.(output, batch);
        batch.dispose();
        gradient = addGradient(gradient, output.gradient);
        batches.push(batch);
        outputs.push(output);
      }
      if (team) {
        const stop = signal?.aborted ?? false;
        gradient = await team.share({ gradient: gradient!, counts: shares, stop, parameters: trained, started });
      }
      const { rate, norm, next } = updater.update(state, gradient!, accumulate, stage);
      const measures = await readMeasures(batches, outputs, norm);
      try {
        requireFinite(state.step + 1, measures, batches);
      } catch (error) {
        tf.dispose(next);
        throw error;
      }
      tf.dispose(Object.keys(next).map((name) => state.tensors[name]));
      Object.assign(state.tensors, next);
      state.step++;
      encoder.trainedOn = trainedOn;
      state.streams = Object.fromEntries(Object.entries(streams).map(([name, stream]) => [name, stream.state()]));

      const seconds = (performance.now() - started) / 1000;
      const record: StepRecord = { step: state.step, steps, stage, rate, ...measures, seconds, dataSeconds };
      if (team) record.waitSeconds = team.waitSeconds;
      yield record;
      await setImmediate(); // Let timers, progress bars and a notebook's interrupt run.
      await onState?.(state, record, tuning);
    }
  } finally {
    encoder.parameters.dispose();
    encoder.parameters = evaluatedParameters(state, tuning);
    tf.dispose(state.tensors);
    tuning.dispose();
    updater.dispose();
  }
}

/** Open the sampler and random streams of a run. The objective of a stage is opened at its first step. */
function openRun(
  { exchange, ...given }: Pick<ObjectiveContext, 'encoder' | 'trained' | 'pixels' | 'exchange'> & { state: TrainState },
  catalogue: Catalogue,
  stages: readonly Stage[],
) {
  const { encoder, pixels, state } = given;
  const { seed, sampler: option, negatives, auxiliary } = encoder.config;
  const streams = openStreams(encoder.config, state);
  const trainingSet = collectTrainingSet(withoutImages(catalogue, pixels.missing));
  const sampler = openSampler(
    trainingSet,
    {
      seed,
      option,
      hard: negatives.hard,
      groups: spatialOption(negatives.spatial).groups,
      labelled: auxiliary.labels > 0,
    },
    streams,
    minedOf(state),
  );
  const context = { ...given, sampler, crops: streams.crop };
  // Several stages may have one objective, which then keeps its state.
  const opened = new Map<ObjectiveKind, Objective>();
  return {
    streams,
    trainingSet,
    objectiveAt(step: number): { stage: string; objective: Objective; shares: boolean } {
      const { objective: kind } = stageAt(stages, step);
      const shares = kind.shares ?? false;
      const objective = opened.get(kind) ?? kind.open(shares ? { ...context, exchange } : context);
      opened.set(kind, objective);
      return { stage: kind.name, objective, shares };
    },
  };
}

function stageAt(stages: readonly Stage[], step: number): Stage {
  let first = 0;
  for (const stage of stages) {
    if (step < first + stage.steps) return stage;
    first += stage.steps;
  }
  return stages[stages.length - 1];
}

function addGradient(sum: tf.Tensor1D | undefined, next: tf.Tensor1D): tf.Tensor1D {
  if (!sum) return next;
  const both = tf.add(sum, next) as tf.Tensor1D;
  tf.dispose([sum, next]);
  return both;
}
