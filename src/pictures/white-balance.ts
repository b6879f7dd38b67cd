import type { Raster } from '../data/types.js';
import type { Gain } from './augment.js';

/** Smallest channel mean that is balanced, of 255. Below it, scaling would only amplify noise. */
const DARKEST = 5;

/**
 * Grey-world white balance (Buchsbaum 1980): factors of red, green and blue that move an image's mean colour towards grey, so that a
 * product looks alike in the light of different shops. At `strength` 1 the mean is grey; at 0 nothing changes; in between, a red apple
 * keeps some of its red.
 */
export function greyWorld({ data }: Raster, strength: number): Gain {
  let [red, green, blue] = [0, 0, 0];
  for (let i = 0; i < data.length; i += 3) {
    red += data[i];
    green += data[i + 1];
    blue += data[i + 2];
  }
  const means = [red, green, blue].map((sum) => (3 * sum) / data.length);
  const grey = (means[0] + means[1] + means[2]) / 3;
  return means.map((mean) => (Math.max(grey, DARKEST) / Math.max(mean, DARKEST)) ** strength) as Gain;
}
