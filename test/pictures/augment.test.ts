import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box, Raster } from '../../src/data/types.js';
import { randomStream } from '../../src/engine/random.js';
import {
  type Augmentation,
  drawAugmentation,
  type Gain,
  jitterBox,
  NO_AUGMENTATION,
} from '../../src/pictures/augment.js';
import { DEFAULT_AUGMENT } from '../../src/pictures/augment-option.js';
import { augmentPictures } from '../../src/pictures/stored-pictures.js';
import { augmentSlowly } from './plain-augment.js';

const stream = randomStream(1, 'augment-test');
const noise = (width: number, height: number): Raster => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, () => stream.integer(256)),
});

function worstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}

/** A crop whose outermost samples lie between pixels: those at an edge of the image are moved to its edge pixels' centres. */
const insideCrop = (): Box => {
  const [left, top] = [0.05 + 0.3 * stream.uniform(), 0.05 + 0.3 * stream.uniform()];
  return { x1: left, y1: top, x2: left + 0.5, y2: top + 0.6 };
};

describe('augmentPictures', () => {
  it('is the slow version, image by image', () => {
    const rasters = Array.from({ length: 6 }, () => noise(80, 60));
    const gain = () => [0, 1, 2].map(() => 0.5 + stream.uniform()) as Gain;
    const drawn = rasters.map(() => ({ ...drawAugmentation(stream), crop: insideCrop(), gain: gain() }));
    const batch = augmentPictures(rasters, drawn, 32);
    expect(batch).toHaveLength(rasters.length * 32 * 32 * 3);
    rasters.forEach((raster, index) => {
      const image = batch.subarray(index * 32 * 32 * 3, (index + 1) * 32 * 32 * 3);
      expect(worstDifference(image, augmentSlowly(raster, drawn[index], 32))).toBeLessThan(1e-5);
    });
  });

  it('changes nothing where nothing is varied', () => {
    const raster = noise(24, 24);
    const same = Float32Array.from(raster.data, (byte) => byte / 255);
    // The outermost samples stay a millionth of the way inside.
    expect(worstDifference(augmentPictures([raster], [NO_AUGMENTATION], 24), same)).toBeLessThan(1e-4);
  });

  it('cuts whole pixels out exactly, and mirrors them', () => {
    const raster = noise(24, 24);
    const crop: Box = { x1: 6 / 24, y1: 9 / 24, x2: 14 / 24, y2: 17 / 24 };
    const cut = (x: (column: number) => number) =>
      Array.from({ length: 8 * 8 * 3 }, (_, i) => {
        const [row, column, c] = [Math.floor(i / 24), Math.floor(i / 3) % 8, i % 3];
        return raster.data[((9 + row) * 24 + 6 + x(column)) * 3 + c] / 255;
      });
    const plain = augmentPictures([raster], [{ ...NO_AUGMENTATION, crop }], 8);
    expect(
      worstDifference(
        plain,
        cut((column) => column),
      ),
    ).toBeLessThan(1e-5);
    const mirrored = augmentPictures([raster], [{ ...NO_AUGMENTATION, crop, flip: true }], 8);
    expect(
      worstDifference(
        mirrored,
        cut((column) => 7 - column),
      ),
    ).toBeLessThan(1e-5);
  });

  it('stays within 0 and 1, and does not write into the rasters', () => {
    const raster = noise(40, 40);
    const before = Uint8Array.from(raster.data);
    const wild: Augmentation = { ...NO_AUGMENTATION, brightness: 3, contrast: 5, shift: [-0.4, 0, 0.4] };
    const batch = augmentPictures([raster], [wild], 16);
    expect(Math.min(...batch)).toBe(0);
    expect(Math.max(...batch)).toBe(1);
    expect(raster.data).toEqual(before);
  });

  it('gives a new array each time', () => {
    const raster = noise(8, 8);
    const first = augmentPictures([raster], [NO_AUGMENTATION], 8);
    expect(augmentPictures([raster], [NO_AUGMENTATION], 8).buffer).not.toBe(first.buffer);
  });
});

describe('drawAugmentation', () => {
  it('stays within its bounds for every seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { crop, brightness, contrast, shift } = drawAugmentation(randomStream(seed, 'crop'));
        const [width, height] = [crop.x2 - crop.x1, crop.y2 - crop.y1];
        expect(Math.min(crop.x1, crop.y1)).toBeGreaterThanOrEqual(0);
        expect(Math.max(crop.x2, crop.y2)).toBeLessThanOrEqual(1);
        expect(width * height).toBeGreaterThan(0.3 - 1e-9);
        expect(width / height).toBeGreaterThan(0.85 - 1e-9);
        expect(width / height).toBeLessThan(1.18 + 1e-9);
        for (const factor of [brightness, contrast]) expect(Math.abs(factor - 1)).toBeLessThanOrEqual(0.3);
        for (const step of shift) expect(Math.abs(step)).toBeLessThanOrEqual(0.05);
      }),
    );
  });

  it('is spread evenly: area, flips and position', () => {
    const draws = Array.from({ length: 4000 }, () => drawAugmentation(stream));
    const mean = (value: (draw: Augmentation) => number) => draws.reduce((sum, draw) => sum + value(draw), 0) / 4000;
    // Standard errors: area 0.003 (uniform on 0.3..1), flip 0.008, middle of the crop 0.002.
    expect(mean(({ crop }) => (crop.x2 - crop.x1) * (crop.y2 - crop.y1))).toBeCloseTo(0.65, 1);
    expect(mean(({ flip }) => Number(flip))).toBeCloseTo(0.5, 1);
    expect(mean(({ crop }) => (crop.x1 + crop.x2) / 2)).toBeCloseTo(0.5, 1);
    expect(mean(({ crop }) => Math.log((crop.x2 - crop.x1) / (crop.y2 - crop.y1)))).toBeCloseTo(0, 1);
  });

  it('can be replayed: the record, through JSON, gives the same pixels, and so does the stream', () => {
    const raster = noise(80, 80);
    const [one, other] = [randomStream(7, 'crop'), randomStream(7, 'crop')];
    const drawn = [drawAugmentation(one), drawAugmentation(one)];
    const again = [drawAugmentation(other), drawAugmentation(other)];
    expect(again).toEqual(drawn);
    expect(drawn[1]).not.toEqual(drawn[0]);
    const replayed: Augmentation[] = JSON.parse(JSON.stringify(drawn));
    expect(augmentPictures([raster, raster], replayed, 64)).toEqual(augmentPictures([raster, raster], drawn, 64));
  });

  it('takes the same number of draws whatever the options are', () => {
    const streams = [
      DEFAULT_AUGMENT,
      { ...DEFAULT_AUGMENT, flip: 0, brightness: 0, area: [1, 1] as [number, number] },
    ].map((options) => {
      const fresh = randomStream(9, 'crop');
      drawAugmentation(fresh, options);
      return fresh.state();
    });
    expect(streams[0]).toEqual(streams[1]);
  });
});

describe('jitterBox', () => {
  it('moves each edge by at most a tenth of the side, and keeps a box inside the image', () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer(), part, part, part, part, (seed, a, b, c, d) => {
        fc.pre(Math.abs(a - b) > 1e-6 && Math.abs(c - d) > 1e-6);
        const box = { x1: Math.min(a, b), x2: Math.max(a, b), y1: Math.min(c, d), y2: Math.max(c, d) };
        const moved = jitterBox(randomStream(seed, 'box'), box);
        expect(moved.x1).toBeLessThan(moved.x2);
        expect(moved.y1).toBeLessThan(moved.y2);
        const width = box.x2 - box.x1;
        for (const edge of ['x1', 'x2'] as const) {
          expect(Math.abs(moved[edge] - box[edge])).toBeLessThanOrEqual(0.1 * width + 1e-12);
          expect(moved[edge]).toBeGreaterThanOrEqual(0);
          expect(moved[edge]).toBeLessThanOrEqual(1);
        }
      }),
    );
    const box = { x1: 0.2, y1: 0.3, x2: 0.7, y2: 0.9 };
    expect(jitterBox(stream, box, 0)).toEqual(box);
  });
});
