import { UserError } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import type { StepBatch, StepOutput } from '../objectives/objective.js';
import { addSizes, type ReadSize } from '../objectives/read-size.js';

/** One update as a plain record. */
export interface StepRecord {
  /** Counted from 1. */
  step: number;
  steps: number;
  /** Name of the objective. */
  stage: string;
  /** What was minimised; of accumulated batches the mean, as of every measure. */
  loss: number;
  rate: number;
  /** Of the whole gradient, before it was clipped. */
  gradientNorm: number;
  /** What the losses tell: similarities and shares by source, accuracy, balance, temperature ... */
  measures: Record<string, number>;
  /** Different products among the negatives of a batch, by source; of accumulated batches the mean. Absent in the captioning stage. */
  uniqueNegatives?: Record<string, number>;
  /** What the network read, on both sides together. */
  size: ReadSize;
  /** Of this update; `dataSeconds` of it went into drawing, pictures and batches on the host. */
  seconds: number;
  dataSeconds: number;
}

/** A step whose loss or gradient is not finite; nothing of it reaches `onState`. */
export class NotFiniteError extends UserError {}

/** What the batches of one update came to. */
export interface UpdateMeasures extends Pick<StepRecord, 'loss' | 'gradientNorm' | 'measures' | 'uniqueNegatives'> {
  size: ReadSize;
}

/** One trip to the host for all scalars of an update: the mean over its batches. Frees them. */
export async function readMeasures(
  batches: readonly StepBatch[],
  outputs: readonly StepOutput[],
  norm: tf.Scalar,
): Promise<UpdateMeasures> {
  const names = Object.keys(outputs[0].measures);
  const stacked = tf.tidy(() =>
    tf.stack([...outputs.flatMap(({ measures }) => names.map((name) => measures[name])), norm]),
  );
  const values = await stacked.data();
  tf.dispose([stacked, norm, ...outputs.map(({ measures }) => measures)]);
  const mean = (at: number) =>
    outputs.reduce((sum, _, batch) => sum + values[batch * names.length + at], 0) / outputs.length;
  const { total: loss, ...measures } = Object.fromEntries(names.map((name, at) => [name, mean(at)]));
  const counts = outputs.flatMap((output) => (output.counts ? [output.counts] : []));
  return {
    loss,
    gradientNorm: values[values.length - 1],
    measures,
    ...(counts.length ? { uniqueNegatives: meanOf(counts) } : {}),
    size: addSizes(batches.map(({ size }) => size)),
  };
}

/** @throws NotFiniteError that names the step and its queries */
export function requireFinite(step: number, { loss, gradientNorm }: UpdateMeasures, batches: readonly StepBatch[]) {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const what = Number.isFinite(loss) ? `the gradient's norm is ${gradientNorm}` : `the loss is ${loss}`;
  const asked = batches.flatMap(({ ids }) => ids).join(', ');
  throw new NotFiniteError(
    `Step ${step}: ${what}. Its queries were ${asked}. The network has the weights from before this step. Lower optimizer.rate or look at these inputs.`,
  );
}

/** Mean by name; a batch without a name counts as 0. */
function meanOf(counts: readonly Record<string, number>[]): Record<string, number> {
  const names = [...new Set(counts.flatMap((each) => Object.keys(each)))];
  return Object.fromEntries(
    names.map((name) => [name, counts.reduce((sum, each) => sum + (each[name] ?? 0), 0) / counts.length]),
  );
}
