import type { Box, ProductImage } from '../data/types.js';

/** One input picture of the vision encoder: a whole image, or the part inside a box. */
export interface SequenceImage {
  image: ProductImage;
  /** The part that is shown; undefined for the whole image. */
  crop?: Box;
}
/** Unique key of a picture: the image's id and the box. */
export function pictureKey({ image: { id }, crop }: SequenceImage): string {
  return JSON.stringify(crop ? [id, crop.x1, crop.y1, crop.x2, crop.y2] : [id]);
}
