import { type FlatLayout, unflatten } from '../../src/engine/flat-weights.js';
import * as tf from '../../src/engine/tf.js';
import { embedBatch, type MoonModel } from '../../src/moon/model.js';
import type { Sequence } from '../../src/moon/sequence.js';
import type { MakeEmbedder } from '../../src/negatives/workers.js';
import { batchOf } from '../moon/small.js';

/** What worker processes of the tests import: MOON on sequences, with a penalty. */
export const embedSequences: MakeEmbedder<{ model: MoonModel; layout: FlatLayout }, Sequence[]> =
  ({ model, layout }) =>
  (parameters, sequences) => {
    const { batch, tensors } = batchOf(model, sequences);
    const { embeddings, experts } = embedBatch(model, unflatten(parameters, layout), batch, tensors);
    return { embeddings, penalty: tf.mean(tf.stack(experts.map(({ balance }) => balance))) };
  };

/** One that fails at a group of its own choice. */
export const embedOrFail: MakeEmbedder<{ at: number }, number> =
  ({ at }) =>
  (parameters, group) => {
    if (group === at) throw new Error(`group ${group} is spoilt`);
    return { embeddings: tf.reshape(tf.mul(parameters, group), [1, -1]) };
  };
