import { unflatten } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';
import { type Batch, buildBatch } from '../moon/batch.js';
import { type RouterChoice, routerChoices } from '../moon/experts/router-choices.js';
import { batchOptions, embedBatch } from '../moon/model.js';
import type { Sequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { AttentionReading } from '../regions/attention.js';
import type { Encoder } from './encoder.js';
import { uploadPictured } from './upload.js';

/** The intermediate results of reading one sequence. */
export interface Trace extends AttentionReading {
  aspects: Batch['aspects'];
  /** Number of tokens read by each expert, block by block. */
  choices: RouterChoice[];
}

/** Embed one sequence and return its last attention map and the router's choices. */
export async function traceSequence(encoder: Encoder, sequence: Sequence, pixels: Pixels): Promise<Trace> {
  const { model, parameters, layout } = encoder;
  const options = batchOptions(model);
  const batch = buildBatch([sequence], options);
  const { attention, records } = tf.tidy(() => {
    const tensors = uploadPictured(batch, model, pixels);
    const want = { attention: 'last' } as const;
    const { attention, experts } = embedBatch(model, unflatten(parameters, layout), batch, tensors, { want });
    return {
      attention: attention!,
      records: experts.map(({ block, routing: { choices } }) => ({ block, routing: { choices } })),
    };
  });
  try {
    return {
      attention: await attention.data(),
      aspects: batch.aspects,
      grid: batch.grids?.[0] ?? options.imageGrid,
      choices: await routerChoices(model.experts, batch, records),
    };
  } finally {
    tf.dispose([attention, records.map(({ routing }) => routing.choices)]);
  }
}
