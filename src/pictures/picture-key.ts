import type { SequenceImage } from '../moon/sequence.js';

/** A name for a picture: the image's id and what is seen of it. */
export function pictureKey({ image: { id }, crop }: SequenceImage): string {
  return JSON.stringify(crop ? [id, crop.x1, crop.y1, crop.x2, crop.y2] : [id]);
}
