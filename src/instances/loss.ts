import type { Filled } from '../checks/schema.js';
import type { Weights } from '../engine/flat-weights.js';
import { gatherRows } from '../engine/native-ops.js';
import * as tf from '../engine/tf.js';
import { maskedRegion } from '../losses/masked-region.js';
import { maskedToken } from '../losses/masked-token.js';
import { streamContrast } from '../losses/stream-contrast.js';
import { meet, pooled, readRegions, readWords, regionFeatures, wordLogits } from './forward.js';
import type { InstanceOption } from './option.js';

/** The tensors of an update: pictures with their texts. */
export type InstanceBatch = {
  /** [batch, tokens] (int32), hidden words replaced, and [batch, tokens] 1 = real */
  ids: tf.Tensor2D;
  wordMask: tf.Tensor2D;
  /** [hidden] (int32) places of hidden words among all tokens, padded with 0, the words themselves, -1 where padded, and a factor for each */
  places: tf.Tensor1D;
  targets: tf.Tensor1D;
  factors: tf.Tensor1D;
  /** [batch, regions, features], [batch, regions] 1 = real, and 1 = hidden */
  features: tf.Tensor3D;
  regionMask: tf.Tensor2D;
  hidden: tf.Tensor2D;
  /** [batch, batch] 1 where two pictures show the same product */
  same: tf.Tensor2D;
};

/** The three losses by their weights: contrast of the streams, then hidden words and hidden regions after they met. */
export function instanceLoss(option: Filled<InstanceOption>, weights: Weights, batch: InstanceBatch): tf.Scalar {
  const words = readWords(option, weights, batch.ids, batch.wordMask);
  const regions = readRegions(option, weights, batch.features, batch.regionMask, batch.hidden);
  const terms: tf.Tensor[] = [];
  if (option.contrast) {
    const contrast = streamContrast(pooled(regions), pooled(words), batch.same, option.temperature);
    terms.push(tf.mul(contrast, option.contrast));
  }
  if (option.words || option.regions) {
    const met = meet(option, weights, words, regions);
    if (option.words) {
      const rows = gatherRows(flat(met.words), batch.places);
      terms.push(tf.mul(maskedToken(wordLogits(weights, rows), batch.targets, batch.factors).total, option.words));
    }
    if (option.regions) {
      const said = regionFeatures(weights, flat(met.regions));
      const hidden = tf.reshape(batch.hidden, [-1]) as tf.Tensor1D;
      terms.push(tf.mul(maskedRegion(said, flat(batch.features), hidden), option.regions));
    }
  }
  return tf.addN(terms) as tf.Scalar;
}

const flat = (x: tf.Tensor3D): tf.Tensor2D => tf.reshape(x, [-1, x.shape[2]]);
