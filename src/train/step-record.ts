import { UserError } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import type { StepBatch, StepOutput } from '../objectives/objective.js';
import { addSizes, type ReadSize } from '../objectives/read-size.js';

/**
 * The record of one update.
 * @example
 * ```ts
 * const records: moon.StepRecord[] = moon.training.readMetrics('runs/start/seed-1');
 * console.log(records.map(({ step, loss }) => [step, loss]));
 * ```
 */
export interface StepRecord {
  /** Counted from 1. */
  step: number;
  steps: number;
  /** Name of the stage's objective. */
  stage: string;
  /** The minimised loss. Like all measures, the mean over accumulated batches. */
  loss: number;
  rate: number;
  /** Norm of the full gradient before clipping. */
  gradientNorm: number;
  /** Further terms of the loss: similarities and fractions by source, accuracy, balance, temperature ... */
  measures: Record<string, number>;
  /**
   * Number of distinct products among the negatives of a batch, by source (mean over accumulated batches). Absent in the captioning stage.
   */
  uniqueNegatives?: Record<string, number>;
  /** The amount of data that the model read, for queries and items together. */
  size: ReadSize;
  /** Duration of this update; `dataSeconds` of it were spent on sampling, images and batches on the host. */
  seconds: number;
  dataSeconds: number;
  /** Of several workers: seconds of it in which worker 0 waited for the others and for what they exchange. */
  waitSeconds?: number;
}

/** The loss or gradient of a step is not finite. `onState` is not called for such a step. */
export class NotFiniteError extends UserError {}

/** The measures of one update. */
export interface UpdateMeasures extends Pick<StepRecord, 'loss' | 'gradientNorm' | 'measures' | 'uniqueNegatives'> {
  size: ReadSize;
}

/** Read all scalars of an update in one transfer and average them over its batches. Frees them. */
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

/**
 * Check that loss and gradient are finite.
 * @throws NotFiniteError naming the step and its queries
 */
export function requireFinite(step: number, { loss, gradientNorm }: UpdateMeasures, batches: readonly StepBatch[]) {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const what = Number.isFinite(loss) ? `the gradient's norm is ${gradientNorm}` : `the loss is ${loss}`;
  const asked = batches.flatMap(({ ids }) => ids).join(', ');
  throw new NotFiniteError(
    `Step ${step}: ${what}. Its queries were ${asked}. The encoder has the weights from before this step. Lower optimizer.rate or inspect these inputs.`,
  );
}

/** Mean of each count over batches. A batch without a count counts as 0. */
function meanOf(counts: readonly Record<string, number>[]): Record<string, number> {
  const names = [...new Set(counts.flatMap((each) => Object.keys(each)))];
  return Object.fromEntries(
    names.map((name) => [name, counts.reduce((sum, each) => sum + (each[name] ?? 0), 0) / counts.length]),
  );
}
