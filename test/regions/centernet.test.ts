import { expect, test } from 'vitest';
import { intersectionOverUnion } from '../../src/data/overlap.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { countLeaks } from '../../src/engine/memory.js';
import { openObjectDetector } from '../../src/regions/object-detector.js';
import { centernet } from '../needs.js';

test('the COCO CenterNet of @vladmandic/human finds what the title names, with the defaults', {
  tags: ['centernet'],
  timeout: 60_000,
}, async () => {
  const { products } = await openCatalogue('data/grocery');
  const { leaked } = await countLeaks(async () => {
    const { detect, dispose } = await openObjectDetector({ kind: 'detector', model: centernet });
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
});
