import { describe, expect, test } from 'vitest';
import { intersectionOverUnion } from '../../../src/data/overlap.js';
import type { Box, Raster } from '../../../src/data/types.js';
import { randomStream } from '../../../src/engine/random.js';
import * as tf from '../../../src/engine/tf.js';
import { boxLoss, initBoxHead } from '../../../src/instances/pasted/box-head.js';
import { boxesOfCells, cellTargets } from '../../../src/instances/pasted/cells.js';
import { pasteProducts } from '../../../src/instances/pasted/composite.js';
import { backgroundOf, cutProduct } from '../../../src/instances/pasted/cut.js';
import { matchedOverlaps } from '../../../src/regions/proposals/score-proposals.js';

const side = 48;
const box = (x1: number, y1: number, x2: number, y2: number): Box => ({ x1, y1, x2, y2 });

/** A picture of one value with a square of another. */
function square({ x1, y1, x2, y2 }: Box, value: number, ground = 230): Raster {
  const data = new Uint8Array(side * side * 3).fill(ground);
  for (let y = Math.round(y1 * side); y < y2 * side; y++)
    for (let x = Math.round(x1 * side); x < x2 * side; x++)
      data.fill(value, (y * side + x) * 3, (y * side + x) * 3 + 3);
  return { width: side, height: side, data };
}

describe('pictures that are pasted together', () => {
  const known = box(0.25, 0.25, 0.75, 0.75);
  const cuts = [20, 60, 100].map((value) => cutProduct(square(known, value))!);

  test('are of products that stand out, over the ground of another', () => {
    expect(intersectionOverUnion(cuts[0].box, known)).toBeGreaterThan(0.9);
    expect(cutProduct(square(known, 230))).toBeUndefined();
    expect([...backgroundOf({ raster: square(known, 20), box: known }, 20).data].every((value) => value === 230)).toBe(
      true,
    );
  });

  test('have every product in its box, and the ground elsewhere', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { raster, boxes } = pasteProducts(cuts, cuts[0], side, randomStream(seed, 'paste'));
      expect(boxes.length).toBe(3);
      for (const { x1, y1, x2, y2 } of boxes) {
        expect(Math.min(x1, y1, 1 - x2, 1 - y2)).toBeGreaterThanOrEqual(-1e-9);
        expect(Math.max(x2 - x1, y2 - y1)).toBeGreaterThan(0.19);
      }
      const slack = 1 / side;
      for (let at = 0; at < side * side; at++) {
        const [x, y] = [((at % side) + 0.5) / side, (Math.floor(at / side) + 0.5) / side];
        const isIn = (one: Box, more: number) =>
          x > one.x1 - more && x < one.x2 + more && y > one.y1 - more && y < one.y2 + more;
        const value = raster.data[at * 3];
        if (!boxes.some((one) => isIn(one, slack))) expect(value).toBe(230);
        // The last is in front of all others.
        else if (isIn(boxes[2], -3 * slack)) expect(value).toBe(100);
      }
    }
  });
});

describe('cells of a grid', () => {
  const known = [box(0.05, 0.1, 0.4, 0.5), box(0.5, 0.45, 0.95, 0.95)];

  test('give back the boxes that they were told, each once', () => {
    const { objects, distances } = cellTargets(known, 7);
    expect([...objects].filter(Boolean).length).toBeGreaterThanOrEqual(2);
    const found = boxesOfCells(objects, distances, 4).slice(0, 2);
    expect(Math.min(...matchedOverlaps(known, found))).toBeGreaterThan(0.999);
    expect(boxesOfCells(objects, distances, 1).length).toBe(1);
  });

  test('belong to the product with the nearest middle, and a small one keeps the cell of its middle', () => {
    const small = box(0.46, 0.46, 0.54, 0.54);
    const { objects, distances } = cellTargets([box(0, 0, 0.9, 0.9), small], 7);
    const middle = 3 * 7 + 3;
    expect(objects[middle]).toBe(1);
    expect([...distances.slice(middle * 4, middle * 4 + 4)].every((distance) => Math.abs(distance - 0.04) < 1e-6)).toBe(
      true,
    );
  });

  test('the loss is cross-entropy and missing overlap, by the slow version, and goes down', () => {
    const stream = randomStream(1, 'cells');
    const { objects, distances } = cellTargets(known, 4);
    const features = tf.tensor2d(Array.from({ length: 16 }, () => Array.from({ length: 6 }, () => stream.normal())));
    const batch = { features, objects: tf.tensor1d(objects), distances: tf.tensor2d(distances, [16, 4]) };
    const weights = initBoxHead(6, stream);
    // A head that says nothing: logits 0, every edge half a side away.
    const silent = { ...weights, 'out.weight': tf.zeros([5, 128]) };
    const positives = [...objects].filter(Boolean).length;
    let missed = 0;
    for (const cell of objects.keys()) {
      if (!objects[cell]) continue;
      const [x, y] = [((cell % 4) + 0.5) / 4, (Math.floor(cell / 4) + 0.5) / 4];
      const [left, top, right, bottom] = distances.slice(cell * 4, cell * 4 + 4);
      const told = box(x - left, y - top, x + right, y + bottom);
      missed += (1 - intersectionOverUnion(told, box(x - 0.5, y - 0.5, x + 0.5, y + 0.5))) / positives;
    }
    expect(boxLoss(silent, batch).dataSync()[0]).toBeCloseTo(Math.log(2) + missed, 4);
    const variables = Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, tf.variable(weight)]));
    const adam = tf.train.adam(0.01);
    const before = boxLoss(variables, batch).dataSync()[0];
    for (let step = 0; step < 100; step++) adam.minimize(() => boxLoss(variables, batch));
    expect(boxLoss(variables, batch).dataSync()[0]).toBeLessThan(0.2 * before);
  });
});
