import { wrongOption } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import type { ContrastiveInput } from '../negatives/sources.js';
import {
  type ContrastiveOptions,
  type ContrastiveRecord,
  contrastiveTerms,
  describeTerms,
  meanOverQueries,
} from './contrastive-terms.js';
import { type Bend, bent, MASKED } from './negative-sum.js';

export interface CircleOptions extends ContrastiveOptions {
  /** m: positives are pulled to a cosine above 1 - m, negatives pushed below m. Default 0.4, the paper's for retrieval. */
  margin?: number;
  /** How steep; takes the place of 1 / temperature. Default 80, the paper's for retrieval. */
  gamma?: number;
}

/**
 * Circle loss (Sun et al. 2020, equation 6): log(1 + sum over negatives of exp(gamma a_n (s_n - m)) x sum over positives of
 * exp(-gamma a_p (s_p - (1 - m)))), with a_n = max(0, s_n + m) and a_p = max(0, 1 + m - s_p) as constants, mean over queries: a
 * similarity is pulled the harder the further it is from where it should be. Positives, negatives, what is reused across rows
 * and the weights of sources are those of `infoNce`. A query without negatives has the loss 0.
 */
export function circleLoss(input: ContrastiveInput, options: CircleOptions = {}): ContrastiveRecord {
  const { margin = 0.4, gamma = 80 } = options;
  if (!(margin > 0 && margin < 1)) throw wrongOption('loss.margin', margin, 'a number between 0 and 1');
  if (!(gamma > 0 && gamma < Infinity)) throw wrongOption('loss.gamma', gamma, 'a finite number above 0');
  return tf.tidy(() => {
    const terms = contrastiveTerms(input, input.queries, options, pushed(margin, gamma));
    const logits = tf.where(tf.cast(terms.present, 'bool'), bent(terms.positives, pulled(margin, gamma)), MASKED);
    const losses = tf.softplus(tf.add(terms.logNegatives, tf.logSumExp(logits, 1)));
    return describeTerms(meanOverQueries(losses, terms.present), terms, 1);
  });
}

/** Logits of negatives; the slope leaves the pace a_n constant. */
function pushed(margin: number, gamma: number): Bend {
  const slope = (similarity: tf.Tensor) => tf.mul(tf.relu(tf.add(similarity, margin)), gamma);
  return { slope, logit: (similarity) => tf.mul(slope(similarity), tf.sub(similarity, margin)) };
}

/** Logits of positives; the slope leaves the pace a_p constant. */
function pulled(margin: number, gamma: number): Bend {
  const slope = (similarity: tf.Tensor) => tf.mul(tf.relu(tf.sub(1 + margin, similarity)), -gamma);
  return { slope, logit: (similarity) => tf.mul(slope(similarity), tf.sub(similarity, 1 - margin)) };
}
