import type { Box, ProductImage } from '../data/types.js';

/** One picture that the vision tower sees: a whole image, or the part of it inside the core box. */
export interface SequenceImage {
  image: ProductImage;
  /** The part that is seen; undefined for the whole image. */
  crop?: Box;
}
/** A name for a picture: the image's id and what is seen of it. */
export function pictureKey({ image: { id }, crop }: SequenceImage): string {
  return JSON.stringify(crop ? [id, crop.x1, crop.y1, crop.x2, crop.y2] : [id]);
}
