import type { Box, Raster } from '../../data/types.js';
import type { RandomStream } from '../../engine/random.js';
import { backgroundOf, type Cut } from './cut.js';

/** A picture made of several, and where each product was pasted. */
export interface Composite {
  raster: Raster;
  /** From back to front. */
  boxes: Box[];
}

/** Larger side of a pasted product, as a fraction of the picture's. */
const SIZES = [0.2, 0.6] as const;

/** Products are pasted again elsewhere until each has at least this fraction that no later one covers. */
const MIN_VISIBLE = 0.3;
const MOST_TRIES = 20;

/**
 * Paste products over the background of another picture, at random sizes and places, each completely inside: the training pictures of Product1M's
 * proposer (arXiv 2107.14572), which need no box that somebody drew.
 * @param ground whose background is used
 */
export function pasteProducts(
  products: readonly Cut[],
  ground: Pick<Cut, 'raster' | 'box'>,
  side: number,
  stream: RandomStream,
): Composite {
  let boxes: Box[] = [];
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    boxes = products.map((product) => placeOf(product, stream));
    if (boxes.every((box, at) => visible(box, boxes.slice(at + 1)) >= MIN_VISIBLE)) break;
  }
  const raster = backgroundOf(ground, side);
  for (const [at, product] of products.entries()) paste(raster, product, boxes[at]);
  return { raster, boxes };
}

function placeOf({ box, raster }: Cut, stream: RandomStream): Box {
  const [low, high] = SIZES;
  const [width, height] = [(box.x2 - box.x1) * raster.width, (box.y2 - box.y1) * raster.height];
  const scale = (low + (high - low) * stream.uniform()) / Math.max(width, height);
  const x1 = stream.uniform() * (1 - width * scale);
  const y1 = stream.uniform() * (1 - height * scale);
  return { x1, y1, x2: x1 + width * scale, y2: y1 + height * scale };
}

const STEPS = 16;

/** Fraction of a box that none of the others covers, on a grid of points. */
function visible({ x1, y1, x2, y2 }: Box, others: readonly Box[]): number {
  let seen = 0;
  for (let row = 0; row < STEPS; row++)
    for (let column = 0; column < STEPS; column++) {
      const x = x1 + ((column + 0.5) / STEPS) * (x2 - x1);
      const y = y1 + ((row + 0.5) / STEPS) * (y2 - y1);
      if (!others.some((other) => x >= other.x1 && x < other.x2 && y >= other.y1 && y < other.y2)) seen++;
    }
  return seen / STEPS ** 2;
}

/** Draw the box of a cut product into a box of the picture; every pixel is that of the nearest place. */
function paste(to: Raster, { raster, box, alpha }: Cut, place: Box): void {
  const side = to.width;
  const [top, bottom] = [place.y1, place.y2].map((edge) => Math.round(edge * side));
  const [left, right] = [place.x1, place.x2].map((edge) => Math.round(edge * side));
  const from = (at: number, low: number, high: number, start: number, end: number, size: number) =>
    Math.min(size - 1, Math.floor((start + ((at + 0.5 - low) / (high - low)) * (end - start)) * size));
  for (let row = top; row < bottom; row++)
    for (let column = left; column < right; column++) {
      const y = from(row, top, bottom, box.y1, box.y2, raster.height);
      const x = from(column, left, right, box.x1, box.x2, raster.width);
      const cover = alpha[y * raster.width + x];
      for (let channel = 0; channel < 3; channel++) {
        const at = (row * side + column) * 3 + channel;
        to.data[at] = Math.round(cover * raster.data[(y * raster.width + x) * 3 + channel] + (1 - cover) * to.data[at]);
      }
    }
}
