import { fullImage } from '../../data/region.js';
import { randomStream } from '../../engine/random.js';
import { drawAugmentation } from '../../pictures/augment.js';
import { DEFAULT_AUGMENT } from '../../pictures/augment-option.js';
import type { SimpleProposer } from './proposer.js';

/** The whole picture, whatever is in it. */
export const wholePicture: SimpleProposer = () => [fullImage];

/** The boxes that are known: the upper bound of all others. */
export const givenBoxes: SimpleProposer = ({ boxes = [] }, count) => boxes.slice(0, count);

/** Equal cells in as many rows and columns as come closest to a square; the last row may be cut. */
export const gridCells: SimpleProposer = (_, count) => {
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  return Array.from({ length: count }, (_, at) => {
    const [column, row] = [at % columns, Math.floor(at / columns)];
    return { x1: column / columns, y1: row / rows, x2: (column + 1) / columns, y2: (row + 1) / rows };
  });
};

/** Fraction of the picture that a random box covers: about that of one of three products. */
const RANDOM_AREA = 0.3;

/** Boxes at random, the same for a picture every time. */
export const randomBoxes: SimpleProposer = ({ id }, count) => {
  const stream = randomStream(0, `proposals ${id}`);
  const how = { ...DEFAULT_AUGMENT, area: [RANDOM_AREA, RANDOM_AREA] as const };
  return Array.from({ length: count }, () => drawAugmentation(stream, how).crop);
};
