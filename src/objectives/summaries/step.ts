import { logits } from '../../backbones/layers/decoder.js';
import { linear } from '../../backbones/layers/layers.js';
import { gatherRows } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';
import { maskedRegion } from '../../losses/masked-region.js';
import { nextToken } from '../../losses/next-token.js';
import { streamContrast } from '../../losses/stream-contrast.js';
import { summaryHeads } from '../../losses/summary-heads.js';
import { tokenDistance } from '../../losses/token-distance.js';
import { wordPresence } from '../../losses/word-presence.js';
import type { Batch, BatchTensors } from '../../moon/batch.js';
import type { SummaryWeights } from '../captions/option.js';
import { type WritingOutputs, writingStep } from '../captions/writing-step.js';
import type { StepTask } from '../contrastive/step.js';
import type { StepWeights } from '../objective.js';

/** What a step of summaries reads beside its texts: where pictures and prompts stand, which words are meant, which regions are hidden. */
export type SummaryMarks = {
  /** [rows] the next token of each row; -1: ignored */
  targets: tf.Tensor1D;
  /** [sequences, length] 1 at texts of prompts, and at visual tokens */
  isPrompt: tf.Tensor2D;
  isVisual: tf.Tensor2D;
  /** [sequences, vocabulary] 1 for a token of the text that is written, and [vocabulary] 1 for one that counts */
  present: tf.Tensor2D;
  counted: tf.Tensor1D;
  /** [regions] the row of every visual token, picture by picture, and 1 for a hidden one */
  rows: tf.Tensor1D;
  hidden: tf.Tensor1D;
};

export type SummaryInputs = { weights: StepWeights; texts: BatchTensors; marks: SummaryMarks };

/** Of the contrast of pictures and texts. */
const TEMPERATURE = 0.1;

/**
 * Loss and gradient of one batch of summaries: next tokens of the texts, and by their weights the losses of MMAPS (arXiv 2308.11351) on the last hidden
 * states. Where regions are hidden, their features are zeros.
 */
export function summaryStep(
  task: StepTask,
  { weights: given, texts, marks }: SummaryInputs,
  groups: Batch['groups'],
  by: SummaryWeights,
): WritingOutputs {
  return tf.tidy(() => {
    const features = by.regions ? (texts.pictures as tf.Tensor3D) : undefined;
    const shown = features ? { ...texts, pictures: withoutRegions(features, marks.hidden) } : texts;
    return writingStep(task, given, shown, groups, {
      name: 'nextToken',
      attention: 'causal',
      loss: (scores) => nextToken(scores, marks.targets),
      also(states, weights) {
        const { isPrompt, isVisual, present, counted, rows, hidden } = marks;
        const read = meanOf(states, tf.maximum(isPrompt, isVisual) as tf.Tensor2D);
        const mapped = (x: tf.Tensor, name: string) => applied(x, weights[name]);
        return {
          ...(by.words && {
            words: {
              loss: wordPresence(logits(weights, mapped(read, summaryHeads.words) as tf.Tensor2D), present, counted),
              weight: by.words,
            },
          }),
          ...(by.distance && {
            distance: {
              loss: tokenDistance(states, mapped(states, summaryHeads.distance) as tf.Tensor3D, {
                isFirst: isPrompt,
                isSecond: isVisual,
              }),
              weight: by.distance,
            },
          }),
          ...(by.contrast && {
            contrast: {
              loss: streamContrast(
                mapped(meanOf(states, isPrompt), summaryHeads.text) as tf.Tensor2D,
                mapped(meanOf(states, isVisual), summaryHeads.picture) as tf.Tensor2D,
                tf.zeros([states.shape[0], states.shape[0]]),
                TEMPERATURE,
              ),
              weight: by.contrast,
            },
          }),
          ...(features && {
            regions: {
              loss: maskedRegion(
                mapped(
                  gatherRows(tf.reshape(states, [-1, states.shape[2]]) as tf.Tensor2D, rows),
                  summaryHeads.regions,
                ) as tf.Tensor2D,
                tf.reshape(features, [rows.shape[0], -1]) as tf.Tensor2D,
                hidden,
              ),
              weight: by.regions,
            },
          }),
        };
      },
    });
  });
}

function withoutRegions(features: tf.Tensor3D, hidden: tf.Tensor1D): tf.Tensor3D {
  const [pictures, tokens] = features.shape;
  return tf.mul(features, tf.sub(1, tf.reshape(hidden, [pictures, tokens, 1])));
}

/** Mean state of the tokens that count [sequences, width]; zeros where none does. */
function meanOf(states: tf.Tensor3D, counts: tf.Tensor2D): tf.Tensor2D {
  const sum = tf.sum(tf.mul(states, tf.expandDims(counts, 2)), 1);
  return tf.div(sum, tf.maximum(tf.sum(counts, 1, true), 1)) as tf.Tensor2D;
}

/** A head on the last axis. */
function applied(x: tf.Tensor, head: tf.Tensor): tf.Tensor {
  const rows = tf.reshape(x, [-1, x.shape[x.rank - 1]!]) as tf.Tensor2D;
  return tf.reshape(linear(rows, head), [...x.shape.slice(0, -1), head.shape[0]!]);
}
