import * as tf from '../../engine/tf.js';
import type { Embedded } from '../../moon/model.js';
import type { PoolingOption } from '../../moon/pooling-option.js';

/** What a step's loss reads of each sequence: its embedding, and beside it the first slot where the pooling has one: [sequences, width or twice that]. */
export const representation = ({ embeddings, slot }: Pick<Embedded, 'embeddings' | 'slot'>): tf.Tensor2D =>
  slot ? (tf.concat([embeddings, slot], 1) as tf.Tensor2D) : embeddings;

/** The embeddings of representations. */
export const embeddingsOf = (rows: tf.Tensor2D, { kind }: Pick<PoolingOption, 'kind'>): tf.Tensor2D =>
  kind === 'slots' ? (tf.slice(rows, [0, 0], [-1, rows.shape[1] / 2]) as tf.Tensor2D) : rows;

/** The first slots of representations that have them. */
export const slotsOf = (rows: tf.Tensor2D): tf.Tensor2D => tf.slice(rows, [0, rows.shape[1] / 2]) as tf.Tensor2D;
