import { UserError } from '../checks/error.js';
import type { Embeddings } from './embeddings.js';

/** Tolerance of the length: rows this close to unit length, like those of an encoder, are not scaled. */
const NEAR = 1e-3;

export interface UnitOptions {
  /** Rows whose length differs from 1 by at most this are returned unchanged, bit for bit; 0 scales every row. Default 1e-3. */
  keep?: number;
}

/**
 * Normalise embeddings to unit length, so that dot products are cosines. Everything that compares embeddings uses this rule: a row whose
 * length is 1 within 1e-3 is unchanged, any other is scaled.
 * @returns the given embeddings themselves if no row has to be scaled
 * @throws UserError if the number of values is not ids x width, and naming the id of a row that is zero or not finite
 */
export function unitEmbeddings<E extends Readonly<Embeddings>>(embeddings: E, options?: UnitOptions): E {
  const { ids, vectors, width } = embeddings;
  checkEmbeddings(embeddings);
  const unit = unitVectors(vectors, width, (row) => `the embedding of ${ids[row]}`, options);
  return unit === vectors ? embeddings : { ...embeddings, vectors: unit };
}

/**
 * Like `unitEmbeddings`, for rows [rows * width] without ids.
 * @param nameOf name of a row in error messages
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
        `${nameOf(row)} has no direction (length ${length}), expected finite numbers that are not all zero. Inspect this input, or train with a lower learning rate.`,
      );
    if (Math.abs(length - 1) <= keep) continue;
    if (unit === vectors) unit = vectors.slice();
    for (let at = row * width; at < (row + 1) * width; at++) unit[at] = vectors[at] / length;
  }
  return unit;
}

/** @throws UserError if the width is not a positive integer, and if the number of values is not ids x width */
export function checkEmbeddings({ ids, vectors, width }: Readonly<Embeddings>): void {
  checkRows('embeddings', vectors, ids.length, width, 'ids x width');
}

/**
 * Like `checkEmbeddings`, for rows without ids.
 * @param what name of the rows in error messages
 * @param expected text for the expected number of values
 */
export function checkRows(
  what: string,
  vectors: Float32Array,
  rows: number,
  width: number,
  expected = 'count x width',
): void {
  if (!(Number.isInteger(width) && width >= 1))
    throw new UserError(`${what}: got the width ${width}, expected an integer of at least 1.`);
  if (vectors.length !== rows * width)
    throw new UserError(`${what}: got ${vectors.length} numbers, expected ${expected} = ${rows} x ${width}.`);
}

/** @throws UserError if the widths of two sides differ */
export function checkSameWidth(one: Readonly<Embeddings>, other: Readonly<Embeddings>): void {
  if (one.width !== other.width)
    throw new UserError(
      `embeddings: got queries of width ${one.width} and items of width ${other.width}, expected the same width. Embed both sides with the same model.`,
    );
}
