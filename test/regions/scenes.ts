import type { Box, ProductImage, Raster } from '../../src/data/types.js';
import { randomStream } from '../../src/engine/random.js';

/** A coloured rectangle (in pixels) on a noisy ground. */
export function scene(
  [width, height]: readonly [number, number],
  box: readonly [number, number, number, number],
  { colour = [220, 220, 220], ground = 60, noise = 20, seed = 1 } = {},
): Raster {
  const { integer } = randomStream(seed, 'scene');
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const inside = x >= box[0] && x < box[2] && y >= box[1] && y < box[3];
      for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = (inside ? colour[c] : ground) + integer(noise);
    }
  return { width, height, data };
}

/** A drawn image of a raster. */
export function drawn(raster: Raster, id = 'drawn', box?: Box): ProductImage {
  return { id, source: { kind: 'drawn', draw: () => raster }, box };
}
