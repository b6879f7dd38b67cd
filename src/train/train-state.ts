import type { MoonConfig } from '../config/config.js';
import type { Best } from '../encoder/checkpoints.js';
import type { Encoder } from '../encoder/encoder.js';
import { type RandomStream, randomStream, resumeStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { HardCandidates } from '../negatives/hard.js';
import { type Stage, stagesOf } from '../objectives/index.js';
import type { ObjectiveState } from '../objectives/objective.js';

/**
 * The complete state of a run between two updates. A run resumed from it reproduces an uninterrupted run bit for bit. The tensors belong to
 * the owner of the state.
 */
export interface TrainState extends ObjectiveState {
  /** The trained tensor `parameters` (`Tuning`), AdamW's `mean` and `variance`, the tensors of objectives, and the average of the weights if the config keeps one. */
  tensors: Record<string, tf.Tensor>;
  /** State of each random stream, by name. */
  streams: Record<string, number[]>;
  /** The hard negatives mined last, and the best score on dev so far if the run is scored. */
  extra: ObjectiveState['extra'] & { best?: Best };
}

const streamNames = ['draw', 'crop', 'labels'] as const;
export type TrainStreams = Record<(typeof streamNames)[number], RandomStream>;

/**
 * The state before the first step.
 * @param parameters the trained tensor, which then belongs to the state
 */
export function startState(
  encoder: Pick<Encoder, 'config' | 'model'>,
  parameters: tf.Tensor1D,
  stages: readonly Stage[] = stagesOf(encoder.config),
): TrainState {
  const { config } = encoder;
  const kept = [...new Set(stages.map(({ objective }) => objective))].map((kind) => kind.start?.(encoder) ?? {});
  return {
    step: 0,
    tensors: {
      parameters,
      mean: tf.zeros(parameters.shape),
      variance: tf.zeros(parameters.shape),
      ...Object.assign({}, ...kept),
      ...(config.average.kind === 'exponential' ? { average: tf.clone(parameters) } : {}),
    },
    streams: Object.fromEntries(streamNames.map((name) => [name, randomStream(config.seed, name).state()])),
    extra: {},
  };
}

/** Copy a state with its tensors. */
export function copyState(state: TrainState): TrainState {
  const tensors = Object.fromEntries(Object.entries(state.tensors).map(([name, tensor]) => [name, tf.clone(tensor)]));
  return { ...state, tensors, streams: { ...state.streams }, extra: { ...state.extra } };
}

export function openStreams({ seed }: Pick<MoonConfig, 'seed'>, state: TrainState): TrainStreams {
  const open = (name: string) => resumeStream(seed, name, state.streams[name]);
  return Object.fromEntries(streamNames.map((name) => [name, open(name)])) as TrainStreams;
}

/** The mined hard negatives of a state. */
export function minedOf({ extra }: TrainState): HardCandidates | undefined {
  return extra.mined && { of: new Map(extra.mined), fellBack: [], without: [] };
}
