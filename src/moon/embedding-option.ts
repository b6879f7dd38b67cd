import { fillIn } from '../checks/fill-in.js';
import { type Filled, fraction, tagged } from '../checks/schema.js';

/**
 * What an embedding is made of.
 * - `learned`: the network's vector (the paper's).
 * - `joined`: beside it the vectors of the frozen encoders, untouched by training, so that a similarity is the sum of both. What tuning forgets
 *   of things that it does not see stays known. Training is the same; only embedding differs.
 */
export type EmbeddingOption = { kind: 'learned' } | JoinedEmbedding;

export interface JoinedEmbedding {
  kind: 'joined';
  /** Share of the frozen encoders in a similarity, 0 to 1. */
  frozen: number;
}

export const embeddingSchema = tagged<EmbeddingOption>('what an embedding is made of', {
  learned: {},
  joined: { frozen: fraction({ help: 'the share of the frozen encoders in a similarity' }) },
});

/** The option with its defaults filled in. */
export const embeddingOption = (option: EmbeddingOption = { kind: 'learned' }): Filled<EmbeddingOption> =>
  fillIn(embeddingSchema, option, 'embedding');
