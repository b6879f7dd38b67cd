import type { Raster } from '../data/types.js';
import type { Gain } from './augment.js';

/** The darkest mean of a channel that is balanced, of 255: below it there is nothing but noise to multiply. */
const DARKEST = 5;

/**
 * What red, green and blue of an image are multiplied with, so that its mean comes nearer to grey (grey world; Buchsbaum 1980): one
 * product looks alike in the light of two shops. At a strength of 1 the mean is grey, at 0 nothing changes; between them a red apple
 * keeps some of its red.
 */
export function greyWorld({ data }: Raster, strength: number): Gain {
  const sums = [0, 0, 0];
  for (let i = 0; i < data.length; i++) sums[i % 3] += data[i];
  const means = sums.map((sum) => (3 * sum) / data.length);
  const grey = (means[0] + means[1] + means[2]) / 3;
  return means.map((mean) => (Math.max(grey, DARKEST) / Math.max(mean, DARKEST)) ** strength) as Gain;
}
