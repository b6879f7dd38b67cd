import type { Weights } from '../../engine/flat-weights.js';
import * as tf from '../../engine/tf.js';
import { joinedSide } from './naive.js';

/** The adapters of a model of one modality, which DAMC trains apart (arXiv 2402.12750). */
export interface DecoupledAdapters {
  modality: string;
  /** For the tokens of the modality. */
  modal: Weights;
  /** For words. */
  words: Weights;
}

/**
 * DAMC: each modality keeps the adapter of its own tokens; only those of words are summed, weighted. Returns adapters by name, `words` among
 * them. New tensors.
 * @throws UserError for adapters of other projections, or another number of lambdas
 */
export function composeDecoupled(
  models: readonly DecoupledAdapters[],
  lambdas: readonly number[],
): Record<string, Weights> {
  const words = joinedSide(
    models.map((model) => model.words),
    lambdas,
  );
  const kept = models.map(({ modality, modal }) => [modality, cloned(modal)] as const);
  return { ...Object.fromEntries(kept), words };
}

const cloned = (weights: Weights): Weights =>
  Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, tf.clone(weight)]));
