import type { Exchange } from '../cluster/exchange.js';
import type { Encoder } from '../encoder/encoder.js';
import type { FlatLayout, Weights } from '../engine/flat-weights.js';
import type { RandomStream } from '../engine/random.js';
import type * as tf from '../engine/tf.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Sampler } from '../sampler/sampler.js';
import type { ReadSize } from './read-size.js';

/** One batch of an objective, with its tensors. */
export interface StepBatch {
  /** Ids of the queries, for error messages. */
  ids: readonly string[];
  /** The amount of data that the model reads. */
  size: ReadSize;
  /** Free the tensors of the batch. */
  dispose(): void;
}

/** The weights of a step: what is trained, as one flat tensor, and what is not. */
export type StepWeights = {
  trained: tf.Tensor1D;
  /** By name; no gradient is computed for them. Undefined if all weights are trained. */
  frozen?: Weights;
};

/** Which weights a run trains. */
export interface Trained {
  /** Of the trained tensor. */
  layout: FlatLayout;
  /** All weights, by name. Differentiable with respect to the trained tensor. */
  weightsOf(weights: StepWeights): Weights;
  /** What `weightsOf` depends on besides its argument: part of the key of a compiled step. */
  captures: unknown;
}

/** The output of a step. The caller frees it. */
export interface StepOutput {
  /** A flat tensor, like the trained one. */
  gradient: tf.Tensor1D;
  /** Scalars by name; `total` is the minimised loss. */
  measures: Record<string, tf.Scalar>;
  /** Numbers known on the host: distinct products among the negatives, by source. */
  counts?: Record<string, number>;
}

/**
 * What a training stage optimises. The loop repeats: `sample`, `step`, `after` with the output of the step, and updates the weights by the
 * gradients.
 */
export interface Objective<Batch extends StepBatch = StepBatch, Output extends StepOutput = StepOutput> {
  /** Called once before every update, for work that is repeated at intervals. `complete` makes the network's parameters, to be freed. */
  before?(complete: () => tf.Tensor1D): Promise<void>;
  sample(): Batch;
  /**
   * The loss, and its gradient with respect to the trained tensor. Compiled if the config asks for it. Of several processes that share a
   * step, each gives the whole loss and its part of the gradient; the parts add up.
   */
  step(weights: StepWeights, batch: Batch): Output | Promise<Output>;
  /** Called after a step to update the objective's state, such as the queue. Frees the outputs that only it uses. */
  after?(output: Output, batch: Batch): void;
}

/** The state of a run between two updates, apart from its weights. An objective keeps its own tensors and plain values here. */
export interface ObjectiveState {
  /** Number of updates done. */
  step: number;
  tensors: Record<string, tf.Tensor>;
  extra: { mined?: [id: string, nearest: readonly string[]][] };
}

/** Everything that an objective can use during one run. */
export interface ObjectiveContext {
  encoder: Encoder;
  trained: Trained;
  pixels: Pixels;
  sampler: Sampler;
  /** Random stream of the augmentation. */
  crops: RandomStream;
  state: ObjectiveState;
  /** The other processes of the run. Undefined if there are none, or if the objective cannot share its steps with them. */
  exchange?: Exchange;
}

/** An objective with its name, its initial state, and how it is opened. */
export interface ObjectiveKind {
  /** Name of the stage in step records. */
  name: string;
  /** Whether several processes can share a step: each embeds its own rows (`ObjectiveContext.exchange`). */
  shares?: true;
  /** Initial state tensors of the objective. Every checkpoint contains them. */
  start?(encoder: Pick<Encoder, 'config' | 'model'>): Record<string, tf.Tensor>;
  open(context: ObjectiveContext): Objective;
}
