import type { Encoder } from '../encoder/encoder.js';
import type { RandomStream } from '../engine/random.js';
import type * as tf from '../engine/tf.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Sampler } from '../sampler/sampler.js';
import type { ReadSize } from './read-size.js';

/** One batch of an objective on the engine. */
export interface StepBatch {
  /** Ids of what it asks, for messages. */
  ids: readonly string[];
  /** What the network reads of it. */
  size: ReadSize;
  /** Frees its tensors. */
  dispose(): void;
}

/** What a step gives; who called frees it. */
export interface StepOutput {
  /** Flat, as the parameters are. */
  gradient: tf.Tensor1D;
  /** Scalars by name; `total` is what was minimised. */
  measures: Record<string, tf.Scalar>;
  /** Numbers that are known on the host: different products among the negatives, by source. */
  counts?: Record<string, number>;
}

/**
 * What a training stage optimises. The loop repeats: `sample`, `step`, then `after` with what the step gave, and updates the weights by the
 * gradients.
 */
export interface Objective<Batch extends StepBatch = StepBatch, Output extends StepOutput = StepOutput> {
  /** Once before an update: what has to be worked out anew now and then. */
  before?(): Promise<void>;
  sample(): Batch;
  /** Loss and gradient at `parameters` (flat), compiled where the config says so. */
  step(parameters: tf.Tensor1D, batch: Batch): Output;
  /** What the step leaves for later ones, such as items that enter the queue. Frees what only it reads. */
  after?(output: Output, batch: Batch): void;
}

/** What a run remembers between two updates beside its weights; an objective keeps its own tensors and plain values here. */
export interface ObjectiveState {
  /** Updates made. */
  step: number;
  tensors: Record<string, tf.Tensor>;
  extra: { mined?: [id: string, nearest: readonly string[]][] };
}

/** What an objective works with during one run. */
export interface ObjectiveContext {
  encoder: Encoder;
  pixels: Pixels;
  sampler: Sampler;
  /** How pictures vary. */
  crops: RandomStream;
  state: ObjectiveState;
}

/** An objective by name: what it needs at the start of a run, and how it begins or resumes. */
export interface ObjectiveKind {
  /** Name of the stage in records of steps. */
  name: string;
  /** Tensors that a run keeps for it, before the first step; every checkpoint holds them. */
  start?(encoder: Pick<Encoder, 'config' | 'model'>): Record<string, tf.Tensor>;
  open(context: ObjectiveContext): Objective;
}
