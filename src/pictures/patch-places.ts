import * as tf from '../engine/tf.js';

/** Rows and columns of the visual tokens of a picture. */
export interface ImageGrid {
  rows: number;
  columns: number;
}

/** How a vision tower divides a picture: square patches, some of which become one token. */
export interface PatchSizes {
  /** Side of a patch in pixels. */
  patchSize: number;
  /** Patches along each side of a token. */
  mergeSize: number;
}

/** Where the patches of pictures of different grids lie. All [pictures, patches], int32; 0 at padding. */
export interface PatchPlaces {
  row: tf.Tensor2D;
  column: tf.Tensor2D;
  /** 1 = a patch of the picture, 0 = padding, which comes after the last token. */
  real: tf.Tensor2D;
}

/**
 * Row and column of every patch of pictures that are padded to one number of patches. Tokens go row by row, and the patches of one token are
 * adjacent. Reads nothing on the host.
 * @param grids [pictures, 2] rows and columns of tokens of each picture, int32; 0 for a picture that only fills up a batch
 */
export function patchPlaces(grids: tf.Tensor2D, patches: number, mergeSize: number): PatchPlaces {
  const [rows, columns] = tf.split(grids, 2, 1);
  const widths = tf.maximum(columns, tf.scalar(1, 'int32'));
  const parts = (each: (patch: number) => number) =>
    tf.tensor2d(
      Int32Array.from({ length: patches }, (_, patch) => each(patch)),
      [1, patches],
      'int32',
    );
  const perToken = mergeSize ** 2;
  const token = parts((patch) => Math.floor(patch / perToken));
  const tokenRow = tf.floorDiv(token, widths);
  const tokenColumn = tf.sub(token, tf.mul(tokenRow, widths));
  const real = tf.cast(tf.less(token, tf.mul(rows, columns)), 'int32');
  const merge = tf.scalar(mergeSize, 'int32');
  const place = (ofToken: tf.Tensor, within: tf.Tensor) =>
    tf.mul(tf.add(tf.mul(ofToken, merge), within), real) as tf.Tensor2D;
  return {
    row: place(
      tokenRow,
      parts((patch) => Math.floor((patch % perToken) / mergeSize)),
    ),
    column: place(
      tokenColumn,
      parts((patch) => patch % mergeSize),
    ),
    real: real as tf.Tensor2D,
  };
}
