import { expect, test } from 'vitest';
import type { Raster } from '../../src/data/types.js';
import { randomStream } from '../../src/engine/random.js';
import { believable, wholeImage } from '../../src/regions/region.js';
import { saliencyRegion } from '../../src/regions/saliency.js';

/** A coloured rectangle on a noisy ground; the box in pixels. */
function scene(
  width: number,
  height: number,
  box: [number, number, number, number],
  colour: number[],
  seed: number,
): Raster {
  const { integer } = randomStream(seed, 'scene');
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const inside = x >= box[0] && x < box[2] && y >= box[1] && y < box[3];
      for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = (inside ? colour[c] : 150) + integer(20);
    }
  return { width, height, data };
}

test.each([
  [64, 48, [10, 8, 30, 40], [220, 30, 30]],
  [80, 80, [40, 40, 76, 70], [20, 40, 200]],
  [50, 90, [5, 50, 35, 80], [235, 220, 20]],
] as [number, number, [number, number, number, number], number[]][])(
  'a thing of another colour is found, %i x %i',
  (width, height, box, colour) => {
    const { box: found } = saliencyRegion(scene(width, height, box, colour, 1));
    const [x1, y1, x2, y2] = [found.x1 * width, found.y1 * height, found.x2 * width, found.y2 * height];
    const overlap =
      Math.max(0, Math.min(x2, box[2]) - Math.max(x1, box[0])) *
      Math.max(0, Math.min(y2, box[3]) - Math.max(y1, box[1]));
    const union = (x2 - x1) * (y2 - y1) + (box[2] - box[0]) * (box[3] - box[1]) - overlap;
    expect(overlap / union).toBeGreaterThan(0.6);
  },
);

test('an image of one colour gives the whole image, and says so', () => {
  const plain = { width: 8, height: 8, data: new Uint8Array(192).fill(90) };
  expect(saliencyRegion(plain)).toEqual({ box: wholeImage, score: 0, source: 'saliency: whole image instead' });
});

test.each([
  { x1: 0.5, y1: 0.5, x2: 0.4, y2: 0.9 },
  { x1: -0.1, y1: 0, x2: 0.5, y2: 0.5 },
  { x1: 0, y1: 0, x2: 0.1, y2: 0.1 },
  { x1: Number.NaN, y1: 0, x2: 1, y2: 1 },
])('an absurd or tiny box becomes the whole image: %o', (box) => {
  expect(believable({ box, score: 1, source: 'test' }).box).toEqual(wholeImage);
});
