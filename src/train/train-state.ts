import type { MoonConfig } from '../config/config.js';
import { type RandomStream, randomStream, resumeStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { HardCandidates } from '../negatives/hard.js';
import { emptyQueue } from '../negatives/queue.js';

/** A step and what its network scored. */
export interface Best {
  step: number;
  score: number;
}

/**
 * Everything that the rest of a run depends on, between two updates: with it a run goes on bit for bit as if it had never stopped.
 * The tensors belong to whoever holds the state.
 */
export interface TrainState {
  /** Updates made. */
  step: number;
  /** Flat parameters, AdamW's `mean` and `variance`, the queue, and the average of the weights where there is one. */
  tensors: Record<string, tf.Tensor>;
  /** States of the random streams by name. */
  streams: Record<string, number[]>;
  /** Hard negatives mined last, and the best on dev so far, where the run looks at it. */
  extra: { mined?: [id: string, nearest: readonly string[]][]; best?: Best };
}

const streamNames = ['draw', 'crop', 'labels'] as const;
export type TrainStreams = Record<(typeof streamNames)[number], RandomStream>;

/** The state before the first step. Takes its own copy of the parameters. */
export function startState(config: MoonConfig, parameters: tf.Tensor1D, width: number): TrainState {
  const { temporal } = config.negatives;
  const queue = emptyQueue(temporal.kind === 'queue' ? temporal.size : 0, width);
  return {
    step: 0,
    tensors: {
      parameters: tf.clone(parameters),
      mean: tf.zeros(parameters.shape),
      variance: tf.zeros(parameters.shape),
      queueEmbeddings: queue.embeddings,
      queueProducts: queue.products,
      ...(config.average.kind === 'exponential' ? { average: tf.clone(parameters) } : {}),
    },
    streams: Object.fromEntries(streamNames.map((name) => [name, randomStream(config.seed, name).state()])),
    extra: {},
  };
}

/** A state of its own with the same tensors. */
export function copyState(state: TrainState): TrainState {
  const tensors = Object.fromEntries(Object.entries(state.tensors).map(([name, tensor]) => [name, tf.clone(tensor)]));
  return { ...state, tensors, streams: { ...state.streams }, extra: { ...state.extra } };
}

export function openStreams(config: MoonConfig, state: TrainState): TrainStreams {
  const open = (name: string) => resumeStream(config.seed, name, state.streams[name]);
  return Object.fromEntries(streamNames.map((name) => [name, open(name)])) as TrainStreams;
}

/** Mined hard negatives as the state keeps them. */
export function minedOf({ extra }: TrainState): HardCandidates | undefined {
  return extra.mined && { of: new Map(extra.mined), fellBack: [], without: [] };
}
