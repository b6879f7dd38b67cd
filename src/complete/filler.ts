import type { Product } from '../data/types.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { CompletedField } from './field.js';

/**
 * What a filler says of a missing text: the text, the product that it was copied from, and whether what was read was cut; or why there is none.
 */
export type Filled = { text: string; from?: string; cut?: true } | { none: string };

/** The text; empty where there is none. */
export const textOf = (filled: Filled): string => ('text' in filled ? filled.text : '');

export interface FillerInput {
  /** Products that lack the field. */
  products: readonly Product[];
  field: CompletedField;
  /** Their pictures. */
  pixels: Pixels;
  signal?: AbortSignal;
}

/** Gives each product's missing text, in order. */
export type Filler = (input: FillerInput) => Promise<Filled[]>;
