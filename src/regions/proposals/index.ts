import type { SimpleProposer } from './proposer.js';
import { saliencyParts } from './saliency-parts.js';
import { givenBoxes, gridCells, randomBoxes, wholePicture } from './simple.js';

/** Proposers of boxes in pictures of several products, by name. */
export const proposers = {
  whole: wholePicture,
  random: randomBoxes,
  grid: gridCells,
  saliency: saliencyParts,
  given: givenBoxes,
} satisfies Record<string, SimpleProposer>;
