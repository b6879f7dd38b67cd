import { UserError } from '../checks/error.js';
import type { Embeddings } from './embeddings.js';

/** How far from 1 the length of a row may be for the row to be taken as it is: a network's vectors miss 1 by rounding alone. */
const NEAR = 1e-3;

export interface UnitOptions {
  /** Rows whose length is 1 within this stay as they are, bit for bit; 0 scales every row. Default 1e-3. */
  keep?: number;
}

/**
 * Embeddings of length one, so that their products are cosines: the rule for everything that compares embeddings. A row whose length
 * is 1 within 1e-3 is taken as it is, any other is scaled to length one.
 * @returns the embeddings themselves where no row has to be scaled
 * @throws UserError for numbers that are not ids x width, and naming the id of a row that is all zero or not finite
 */
export function unitEmbeddings<E extends Readonly<Embeddings>>(embeddings: E, options?: UnitOptions): E {
  const { ids, vectors, width } = embeddings;
  checkEmbeddings(embeddings);
  const unit = unitVectors(vectors, width, (row) => `the embedding of ${ids[row]}`, options);
  return unit === vectors ? embeddings : { ...embeddings, vectors: unit };
}

/**
 * The same for rows [rows * width] that have no ids.
 * @param nameOf what a row is called in an error
 */
export function unitVectors(
  vectors: Float32Array,
  width: number,
  nameOf: (row: number) => string,
  { keep = NEAR }: UnitOptions = {},
): Float32Array {
  let unit = vectors;
  for (let row = 0; row * width < vectors.length; row++) {
    let square = 0;
    for (let at = row * width; at < (row + 1) * width; at++) square += vectors[at] * vectors[at];
    const length = Math.sqrt(square);
    if (!(length > 0 && length < Infinity))
      throw new UserError(
        `${nameOf(row)} has no direction (length ${length}), expected finite numbers that are not all zero. Look at this input, or train with a lower rate.`,
      );
    if (Math.abs(length - 1) <= keep) continue;
    if (unit === vectors) unit = vectors.slice();
    for (let at = row * width; at < (row + 1) * width; at++) unit[at] = vectors[at] / length;
  }
  return unit;
}

/** @throws UserError for a width that is no whole number of at least 1, and for numbers that are not ids x width */
export function checkEmbeddings({ ids, vectors, width }: Readonly<Embeddings>): void {
  checkRows('embeddings', vectors, ids.length, width, 'ids x width');
}

/** The same for rows without ids. @param what names them in the error, `expected` what their count should be */
export function checkRows(
  what: string,
  vectors: Float32Array,
  rows: number,
  width: number,
  expected = 'count x width',
): void {
  if (!(Number.isInteger(width) && width >= 1))
    throw new UserError(`${what}: got the width ${width}, expected a whole number of at least 1.`);
  if (vectors.length !== rows * width)
    throw new UserError(`${what}: got ${vectors.length} numbers, expected ${expected} = ${rows} x ${width}.`);
}

/** @throws UserError for two sides that have no cosine */
export function checkSameWidth(one: Readonly<Embeddings>, other: Readonly<Embeddings>): void {
  if (one.width !== other.width)
    throw new UserError(
      `embeddings: got queries of width ${one.width} and items of width ${other.width}, expected one width: both sides come from one network.`,
    );
}
