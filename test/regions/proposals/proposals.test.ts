import { describe, expect, test } from 'vitest';
import { boxArea } from '../../../src/data/overlap.js';
import type { Box, Raster } from '../../../src/data/types.js';
import { shopGroups } from '../../../src/datasets/shop/groups.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { proposers } from '../../../src/regions/proposals/index.js';
import { matchedOverlaps, scoreProposals } from '../../../src/regions/proposals/score-proposals.js';

/** A light picture with dark squares, in fractions. */
function squares(boxes: readonly Box[], side = 40): Raster {
  const data = new Uint8Array(side * side * 3).fill(230);
  for (const { x1, y1, x2, y2 } of boxes)
    for (let y = Math.round(y1 * side); y < y2 * side; y++)
      for (let x = Math.round(x1 * side); x < x2 * side; x++) data.fill(20, (y * side + x) * 3, (y * side + x) * 3 + 3);
  return { width: side, height: side, data };
}

const box = (x1: number, y1: number, x2: number, y2: number): Box => ({ x1, y1, x2, y2 });

describe('proposals', () => {
  test('saliency falls into its parts, the heaviest first', () => {
    const known = [box(0.1, 0.2, 0.35, 0.45), box(0.6, 0.5, 0.95, 0.85)];
    const found = proposers.saliency({ id: 'a', raster: squares(known) }, 2);
    expect(matchedOverlaps(known, found).every((overlap) => overlap > 0.8)).toBe(true);
    expect(matchedOverlaps([known[1]], [found[0]])[0]).toBeGreaterThan(0.8);
    expect(proposers.saliency({ id: 'b', raster: squares([]) }, 3)).toEqual([]);
  });

  test('of every kind are boxes inside the picture, as many as are wanted, and the same every time', () => {
    const raster = squares([box(0.1, 0.1, 0.5, 0.9), box(0.6, 0.2, 0.9, 0.7)]);
    const boxes = [box(0, 0, 0.5, 1), box(0.5, 0, 1, 1), box(0, 0, 1, 0.5)];
    for (const [name, propose] of Object.entries(proposers))
      for (const count of [1, 2, 3, 5]) {
        const found = propose({ id: 'a', raster, boxes }, count);
        expect(found.length, name).toBe(name === 'whole' ? 1 : Math.min(count, name === 'given' ? 3 : count));
        expect(propose({ id: 'a', raster, boxes }, count)).toEqual(found);
        for (const { x1, y1, x2, y2 } of found) {
          expect(Math.min(x1, y1)).toBeGreaterThanOrEqual(0);
          expect(Math.max(x2, y2)).toBeLessThanOrEqual(1 + 1e-9);
          expect(x2).toBeGreaterThan(x1);
          expect(y2).toBeGreaterThan(y1);
        }
      }
    const cells = proposers.grid({ id: 'a', raster }, 4);
    expect(cells.reduce((sum, cell) => sum + boxArea(cell), 0)).toBeCloseTo(1, 9);
  });

  test('are matched one to one, the best pair first', () => {
    const known = [box(0, 0, 0.5, 1), box(0.5, 0, 1, 1)];
    expect(matchedOverlaps(known, [box(0, 0, 0.5, 1), box(0, 0, 0.4, 1)])).toEqual([1, 0]);
    expect(matchedOverlaps(known, [box(0, 0, 1, 1)])).toEqual([0.5, 0]);
    expect(scoreProposals([{ known, proposed: [box(0, 0, 1, 1)] }])).toEqual({ overlap: 0.25, recall: 0.5 });
  });

  test('on drawn groups: given boxes are right, saliency is ahead of random ones and of a grid', () => {
    const shop = generateShop({
      products: 100,
      imageSize: 64,
      views: 1,
      trainQueries: 10,
      evaluationQueries: 1,
      clutter: 0,
      background: 0,
    });
    const groups = shopGroups(shop, { count: 60, split: 'train' });
    const score = (name: keyof typeof proposers) =>
      scoreProposals(
        groups.map(({ id, image, members }) => {
          const known = members.map(({ box }) => box);
          const raster = image.source.kind === 'drawn' ? image.source.draw() : squares([]);
          return { known, proposed: proposers[name]({ id, raster, boxes: known }, known.length) };
        }),
      );
    expect(score('given')).toEqual({ overlap: 1, recall: 1 });
    const { overlap } = score('saliency');
    expect(overlap).toBeGreaterThan(score('random').overlap + 0.1);
    expect(overlap).toBeGreaterThan(score('grid').overlap + 0.1);
    expect(overlap).toBeGreaterThan(score('whole').overlap + 0.1);
  });
});
