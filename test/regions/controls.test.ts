import { describe, expect, it } from 'vitest';
import { boxArea } from '../../src/data/overlap.js';
import { fullImage, type Region } from '../../src/data/region.js';
import type { Box } from '../../src/data/types.js';
import { detectorOf } from '../../src/regions/detector.js';
import type { RegionOption } from '../../src/regions/options.js';
import { drawn, scene } from './scenes.js';

const raster = scene([40, 30], [10, 10, 30, 20]);

async function regionOf(option: RegionOption, id = 'image', box?: Box): Promise<Region> {
  const detector = await detectorOf(option);
  const [core] = await detector!.detect(drawn(raster, id, box), 'A title');
  return core;
}

describe('detectorOf', () => {
  it('gives the true box, and the whole image where the data know none', async () => {
    const box = { x1: 0.25, y1: 1 / 3, x2: 0.75, y2: 2 / 3 };
    expect(await regionOf({ kind: 'boxes' }, 'image', box)).toEqual({ box, score: 1, source: 'boxes' });
    expect(await regionOf({ kind: 'boxes' })).toMatchObject({ box: fullImage, fallback: 'missing' });
  });

  it('gives the middle, with the area that is asked for', async () => {
    const { box } = await regionOf({ kind: 'centre', area: 0.36 });
    expect(box.x1).toBeCloseTo(0.2, 12);
    expect([box.y1, box.x2, box.y2]).toEqual([box.x1, 1 - box.x1, 1 - box.x1]);
    expect(await regionOf({ kind: 'centre', area: 1 })).toMatchObject({ box: fullImage });
  });

  it('gives a random box of the area by seed and image id alone', async () => {
    const ids = Array.from({ length: 200 }, (_, at) => `image ${at}`);
    const boxes = await Promise.all(ids.map(async (id) => (await regionOf({ kind: 'random', area: 0.3 }, id)).box));
    expect(await regionOf({ kind: 'random', area: 0.3 }, 'image 7')).toMatchObject({ box: boxes[7] });
    expect(await regionOf({ kind: 'random', area: 0.3, seed: 1 }, 'image 7')).not.toMatchObject({ box: boxes[7] });
    expect(new Set(boxes.map((box) => box.x1)).size).toBe(200);
    for (const box of boxes) expect(boxArea(box)).toBeCloseTo(0.3, 9);
    const centre = boxes.reduce((sum, box) => sum + (box.x1 + box.x2) / 2, 0) / 200;
    expect(Math.abs(centre - 0.5)).toBeLessThan(0.06);
  });

  it('gives the whole image again as a region in its own right', async () => {
    expect(await regionOf({ kind: 'duplicate' })).toEqual({ box: fullImage, score: 1, source: 'duplicate' });
  });

  it('gives no detector for none', async () => {
    expect(await detectorOf({ kind: 'none' })).toBeUndefined();
  });

  it.each([
    [{ kind: 'detect' }, 'region.kind: got "detect", expected one of none | saliency | segmentation | boxes'],
    [{ kind: 'toString' }, 'region.kind: got "toString"'],
    [{ kind: 'centre', area: 0 }, 'region.area: got 0, expected a number from 0.05 to 1.'],
    [{ kind: 'random', area: Number.NaN }, 'region.area'],
    [{ kind: 'random', seed: 0.5 }, 'region.seed: got 0.5, expected an integer of at least 0.'],
    [{ kind: 'saliency', side: 4 }, 'region.side: got 4'],
    [{ kind: 'attention', checkpoint: 'run 3' }, "'attention' needs a function that opens the checkpoint 'run 3'"],
    [{ kind: 'grounding', model: '.', maxTokens: 0 }, 'region.maxTokens: got 0'],
    [{ kind: 'detector', model: 'nowhere.onnx' }, 'nowhere.onnx is not a file'],
  ])('refuses %j', async (option, message) => {
    await expect(detectorOf(option as RegionOption)).rejects.toThrow(message);
  });
});
