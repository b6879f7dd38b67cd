import { wrongOption } from '../../checks/error.js';
import type { Overlap } from './rouge.js';

/** Vectors of the tokens of a text, of any length but 0. */
export type TokenStates = readonly (readonly number[] | Float32Array)[];

/**
 * BERTScore (Zhang et al., arXiv 1904.09675) of two texts by the states of their tokens, without weights of rarity and without rescaling: every token
 * is matched with the nearest of the other text by cosine; precision is the mean over what was written, recall over the reference. 0 where a text is
 * empty.
 * @throws UserError for states of different widths
 */
export function tokenMatch(written: TokenStates, reference: TokenStates): Overlap {
  if (!written.length || !reference.length) return { precision: 0, recall: 0, f1: 0 };
  const width = written[0].length;
  const odd = [...written, ...reference].find(({ length }) => length !== width);
  if (odd) throw wrongOption('states', odd.length, `${width} numbers, as the first token has`);
  const [own, right] = [written, reference].map((states) => states.map(unit));
  const cosines = own.map((state) =>
    right.map((other) => state.reduce((sum, value, at) => sum + value * other[at], 0)),
  );
  const precision = mean(cosines.map((row) => Math.max(...row)));
  const recall = mean(right.map((_, at) => Math.max(...cosines.map((row) => row[at]))));
  return { precision, recall, f1: precision + recall ? (2 * precision * recall) / (precision + recall) : 0 };
}

function unit(state: readonly number[] | Float32Array): number[] {
  const length = Math.hypot(...state);
  return Array.from(state, (value) => value / length);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
