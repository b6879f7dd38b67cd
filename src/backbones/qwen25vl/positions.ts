import { UserError } from '../../checks/error.js';
import type { Grid } from './config.js';

/** One sequence of token ids, with the grids of its images in order. `mask` is 0 at padding, on either side. */
export interface TokenSequence {
  ids: ArrayLike<number>;
  mask?: ArrayLike<number>;
  grids: Grid[];
}

/**
 * Multimodal rotary positions (arXiv 2409.12191, section 2.1). Text tokens count up equally on all three axes. The tokens of an image share
 * a time position and count rows and columns from the position where the text stopped. Text resumes after the larger side of the image.
 * @param sequences of equal length, padded
 * @returns `positions`, flat [3, batch, length], 0 at padding; `next`, the position of the token that would follow each sequence
 * @throws UserError when the image tokens of a sequence do not match its grids
 */
export function ropeIndex(
  sequences: TokenSequence[],
  options: { imageTokenId: number; mergeSize: number },
): { positions: Int32Array; next: number[] } {
  const length = sequences[0]?.ids.length ?? 0;
  const plane = sequences.length * length;
  const positions = new Int32Array(3 * plane);
  const next = sequences.map(({ ids, mask, grids }, row) => {
    const real = Array.from({ length }, (_, i) => i).filter((i) => mask?.[i] !== 0);
    const set = (place: number, t: number, h: number, w: number) => {
      const at = row * length + real[place];
      positions[at] = t;
      positions[plane + at] = h;
      positions[2 * plane + at] = w;
    };
    let place = 0;
    let position = 0;
    let image = 0;
    while (place < real.length) {
      if (ids[real[place]] !== options.imageTokenId) {
        set(place++, position, position, position);
        position++;
        continue;
      }
      const grid = grids[image++];
      const [h, w] = grid ? [grid.h / options.mergeSize, grid.w / options.mergeSize] : [0, 0];
      const tokens = grid ? grid.t * h * w : 0;
      for (let i = 0; i < tokens; i++, place++) {
        if (ids[real[place]] !== options.imageTokenId)
          throw new UserError(`image tokens: got ${i} for image ${image}, expected ${tokens}. Expand its placeholder.`);
        set(place, position + Math.floor(i / (h * w)), position + (Math.floor(i / w) % h), position + (i % w));
      }
      if (!tokens)
        throw new UserError(`image tokens: got more than ${grids.length} images need. Give a grid for each image.`);
      position += Math.max(h, w);
    }
    if (image < grids.length)
      throw new UserError(
        `image tokens: got ${image} images in the text and ${grids.length} grids. Give one grid for each image.`,
      );
    return position;
  });
  return { positions, next };
}
