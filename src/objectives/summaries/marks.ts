import type { RandomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import type { Batch } from '../../moon/batch.js';
import { captionTargets, isWritten } from '../../moon/captions.js';
import { promptMask } from '../../moon/prompt-gate/prompt-gate.js';
import type { Sequence } from '../../moon/sequence.js';
import type { SummaryMarks } from './step.js';

/** The probability that a region is hidden. */
const HIDDEN = 0.15;

/** Words that fewer or more than these fractions of texts have say little of a text. */
const COMMON = { min: 0.01, max: 0.5 };

/** 1 for every token that some texts have and others lack [vocabulary]. @param texts exercises of training */
export function countedTokens(texts: readonly Sequence[], vocabulary: number): Float32Array {
  const found = new Int32Array(vocabulary);
  for (const text of texts) for (const id of writtenTokens(text)) found[id]++;
  const { min, max } = COMMON;
  return Float32Array.from(found, (count) => Number(count >= min * texts.length && count <= max * texts.length));
}

/** The tensors that mark a batch. @param stream decides what is hidden */
export function summaryMarks(
  sequences: readonly Sequence[],
  batch: Batch,
  { vocabulary, counted, stream }: { vocabulary: number; counted: Float32Array; stream: RandomStream },
): SummaryMarks {
  const { source, length } = batch;
  const count = source.reduce((sum, at) => sum + Number(at >= vocabulary), 0);
  const perPicture = batch.images.length ? count / batch.images.length : 0;
  const regions = batch.pictures * perPicture;
  const rows = new Int32Array(regions);
  const isVisual = new Float32Array(source.length);
  for (const [row, at] of source.entries()) {
    if (at < vocabulary) continue;
    isVisual[row] = 1;
    rows[at - vocabulary] = row;
  }
  const hidden = Float32Array.from({ length: regions }, (_, at) => Number(at < count && stream.uniform() < HIDDEN));
  const present = new Float32Array(sequences.length * vocabulary);
  for (const [at, sequence] of sequences.entries())
    for (const id of writtenTokens(sequence)) present[at * vocabulary + id] = 1;
  return {
    targets: tf.tensor1d(captionTargets(batch), 'int32'),
    isPrompt: promptMask(batch),
    isVisual: tf.tensor2d(isVisual, [sequences.length, length]),
    present: tf.tensor2d(present, [sequences.length, vocabulary]),
    counted: tf.tensor1d(counted),
    rows: tf.tensor1d(rows, 'int32'),
    hidden: tf.tensor1d(hidden),
  };
}

const writtenTokens = ({ segments }: Sequence) =>
  new Set(segments.flatMap(({ aspect, ids }) => (isWritten(aspect) ? ids : [])));
