import { expect, test } from 'vitest';
import { intersectionOverUnion } from '../../src/data/overlap.js';
import { fullImage } from '../../src/data/region.js';
import type { Raster } from '../../src/data/types.js';
import { saliencyMap, saliencyRegion } from '../../src/regions/saliency.js';
import { scene } from './scenes.js';

test.each([
  [
    [64, 48],
    [10, 8, 30, 40],
    [220, 30, 30],
  ],
  [
    [80, 80],
    [40, 40, 76, 70],
    [20, 40, 200],
  ],
  [
    [50, 90],
    [5, 50, 35, 80],
    [235, 220, 20],
  ],
] as const)('a thing of another colour is found, %j', (size, box, colour) => {
  const found = saliencyRegion(scene(size, box, { colour: [...colour], ground: 150 }));
  const [width, height] = size;
  const truth = { x1: box[0] / width, y1: box[1] / height, x2: box[2] / width, y2: box[3] / height };
  expect(intersectionOverUnion(found.box, truth)).toBeGreaterThan(0.8);
  expect(found.fallback).toBeUndefined();
});

test('an image of one colour has no salient part', () => {
  const plain = { width: 8, height: 8, data: new Uint8Array(192).fill(90) };
  expect(saliencyRegion(plain)).toEqual({ box: fullImage, score: 0, source: 'saliency', fallback: 'missing' });
});

test('a background that drifts from dark to bright hangs together with the frame', () => {
  const drifting = scene([60, 60], [20, 24, 36, 44], { ground: 0, noise: 1, colour: [250, 20, 20] });
  drifting.data.forEach((value, at) => {
    if (value === 0) drifting.data[at] = 3 * (Math.floor(at / 3) % 60);
  });
  const { x1, y1, x2, y2 } = saliencyRegion(drifting).box;
  expect([x1 * 60, y1 * 60, x2 * 60, y2 * 60]).toEqual([20, 24, 36, 44]);
});

/**
 * The true minimum barrier distance of every pixel to the frame: for each darkest level allowed, grow from the frame over the pixels
 * that are no darker, always next to the least bright; the barrier is the brightest pixel passed minus that level.
 */
function trueBarriers({ width, height, data }: Raster, channel: number): number[] {
  const level = Array.from({ length: width * height }, (_, at) => data[at * 3 + channel]);
  const best = level.map(() => Number.POSITIVE_INFINITY);
  const isFrame = (at: number) =>
    at % width === 0 || at % width === width - 1 || at < width || at >= width * (height - 1);
  for (const darkest of new Set(level)) {
    const high = level.map((value, at) => (isFrame(at) && value >= darkest ? value : Number.POSITIVE_INFINITY));
    const open = new Set(level.keys());
    for (;;) {
      const next = [...open].reduce((a, b) => (high[b] < high[a] ? b : a), [...open][0] ?? -1);
      if (next < 0 || high[next] === Number.POSITIVE_INFINITY) break;
      open.delete(next);
      best[next] = Math.min(best[next], high[next] - darkest);
      for (const near of [next - 1, next + 1, next - width, next + width]) {
        if (open.has(near) && !isFrame(near) && level[near] >= darkest)
          high[near] = Math.min(high[near], Math.max(high[next], level[near]));
      }
    }
  }
  return best;
}

test('the three scans stay close above the true minimum barriers', () => {
  for (let seed = 0; seed < 8; seed++) {
    const raster = scene([14, 11], [4, 3, 9, 8], { noise: 40, seed });
    const ours = saliencyMap(raster);
    const exact = [0, 1, 2].map((channel) => trueBarriers(raster, channel));
    const truth = exact[0].map((_, at) => exact[0][at] + exact[1][at] + exact[2][at]);
    truth.forEach((barrier, at) => {
      expect(ours[at]).toBeGreaterThanOrEqual(barrier);
    });
    const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);
    expect(sum(ours)).toBeLessThan(1.05 * sum(truth));
  }
});

test('an image without an inside has no salient part', () => {
  for (const [width, height] of [
    [1, 1],
    [2, 5],
    [5, 2],
  ]) {
    const raster = scene([width, height], [0, 0, 1, 1]);
    expect(saliencyRegion(raster).fallback).toBe('missing');
  }
});
