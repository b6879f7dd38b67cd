import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Raster } from '../../../src/data/types.js';
import { arc, points, regular } from '../../../src/datasets/shop/drawing/curve.js';
import {
  circle,
  ellipse,
  type Point,
  polygon,
  rectangle,
  type Solid,
  stroke,
} from '../../../src/datasets/shop/drawing/distance.js';
import { boxOf, drawField, drawProduct, type Placement } from '../../../src/datasets/shop/drawing/draw.js';
import { mouldOf, sampleField } from '../../../src/datasets/shop/drawing/mould.js';
import { drawScene } from '../../../src/datasets/shop/drawing/scene.js';
import { placementOf, viewOf } from '../../../src/datasets/shop/drawing/view.js';
import { randomFacts, shopAttributes, shopLeaves, valuesOf } from '../../../src/datasets/shop/facts.js';
import { randomStream } from '../../../src/engine/random.js';

const coordinate = fc.double({ min: -1, max: 1, noNaN: true });

function blank(size: number): Raster {
  return { width: size, height: size, data: new Uint8Array(size * size * 3).fill(255) };
}

/** The slow obvious distance: the nearest of many points on the outline. */
function nearestOf(outline: Point[], x: number, y: number): number {
  const dense = outline.flatMap(([x1, y1], i) => {
    const [x2, y2] = outline[(i + 1) % outline.length];
    return Array.from({ length: 200 }, (_, t): Point => [x1 + ((x2 - x1) * t) / 200, y1 + ((y2 - y1) * t) / 200]);
  });
  return Math.min(...dense.map(([px, py]) => Math.hypot(px - x, py - y)));
}

describe('signed distances', () => {
  const star = points('0,-0.9 0.3,-0.2 0.9,0 0.2,0.3 0.4,0.8 -0.2,0.4 -0.8,0.5 -0.3,-0.1');

  it('are the distance to the nearest point of the outline', () => {
    const solid = polygon(star);
    fc.assert(
      fc.property(coordinate, coordinate, (x, y) => {
        expect(Math.abs(solid.distance(x, y))).toBeCloseTo(nearestOf(star, x, y), 2);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('of a rectangle and a regular polygon agree with those of their corners', () => {
    const box = points('-0.5,-0.3 0.7,-0.3 0.7,0.4 -0.5,0.4');
    fc.assert(
      fc.property(coordinate, coordinate, (x, y) => {
        expect(rectangle(-0.5, -0.3, 0.7, 0.4).distance(x, y)).toBeCloseTo(polygon(box).distance(x, y), 9);
        const many = polygon(regular(0.1, 0, 0.6, 360, 0));
        expect(circle(0.1, 0, 0.6).distance(x, y)).toBeCloseTo(many.distance(x, y), 3);
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  it('of an ellipse vanish on its outline and have the right sign beside it', () => {
    const solid = ellipse(0.1, -0.2, 0.7, 0.3);
    for (const [x, y] of arc(0.1, -0.2, 0.7, 0.3, 0, 360)) expect(solid.distance(x, y)).toBeCloseTo(0, 9);
    for (const [x, y] of arc(0.1, -0.2, 0.75, 0.35, 0, 360)) expect(solid.distance(x, y)).toBeGreaterThan(0);
    expect(solid.distance(0.1, -0.2)).toBeLessThan(0);
  });

  it('of a line with a repeated point are finite', () => {
    expect(stroke(points('0,0 0.5,0 0.5,0'), 0.1).distance(0.5, 0.5)).toBeCloseTo(0.45, 9);
  });
});

describe('drawField', () => {
  const placement: Placement = { x: 33.3, y: 30.8, scale: 24, turn: 0.3, mirror: true, narrow: 1 };

  /** Share of a pixel that the solid covers, by 12 x 12 samples. */
  function supersampled(solid: Solid, px: number, py: number): number {
    let inside = 0;
    for (let i = 0; i < 144; i++) {
      const dx = (px + ((i % 12) + 0.5) / 12 - placement.x) / placement.scale;
      const dy = (py + (Math.floor(i / 12) + 0.5) / 12 - placement.y) / placement.scale;
      const u = -(dx * Math.cos(placement.turn) + dy * Math.sin(placement.turn));
      const v = dy * Math.cos(placement.turn) - dx * Math.sin(placement.turn);
      if (solid.distance(u, v) < 0) inside++;
    }
    return inside / 144;
  }

  it('covers a pixel as much as many samples of it say', () => {
    const solid = polygon(points('-0.7,-0.5 0.6,-0.8 0.9,0.4 -0.2,0.8'), 0.05);
    const raster = blank(64);
    const black = [0, 0, 0] as const;
    const fill = { colour: black, ink: black, pattern: null, material: null, opacity: 1, rim: 0 };
    drawField(raster, sampleField(solid), placement, fill);
    let worst = 0;
    let sum = 0;
    for (let pixel = 0; pixel < 64 * 64; pixel++) {
      const drawn = 1 - raster.data[pixel * 3] / 255;
      const off = Math.abs(drawn - supersampled(solid, pixel % 64, Math.floor(pixel / 64)));
      worst = Math.max(worst, off);
      sum += off;
    }
    // Distance is not area: at 45 degrees the two differ by up to a tenth.
    expect(worst).toBeLessThan(0.16);
    expect(sum / 4096).toBeLessThan(0.003);
  });
});

describe('products', () => {
  const stream = randomStream(7, 'drawing test');

  it('have a body and a trim in every shape, inside the drawing square', () => {
    for (const leaf of shopLeaves) {
      for (const shape of valuesOf(leaf, 'shape')) {
        const { parts, outline } = mouldOf(leaf, shape);
        const paints = parts.map((part) => part.paint);
        expect(paints, `${leaf} ${shape}`).toContain('body');
        expect(paints, `${leaf} ${shape}`).toContain('trim');
        for (const { field } of parts) expect(field.values.some((value) => value < 0)).toBe(true);
        expect(Math.max(...outline.flat().map(Math.abs)), `${leaf} ${shape}`).toBeLessThan(1);
      }
    }
  });

  it('fill exactly their box', () => {
    for (let i = 0; i < 200; i++) {
      const facts = randomFacts(stream);
      const placement = placementOf(facts, viewOf(7, `box ${i}`, 0).camera, 128);
      const raster = blank(128);
      drawProduct(raster, facts, placement);
      const [xs, ys]: [number[], number[]] = [[], []];
      for (let pixel = 0; pixel < 128 * 128; pixel++) {
        const at = pixel * 3;
        if (raster.data[at] + raster.data[at + 1] + raster.data[at + 2] > 3 * 255 - 12) continue;
        xs.push(pixel % 128);
        ys.push(Math.floor(pixel / 128));
      }
      const box = boxOf(facts, placement, 128, 128);
      const drawn = [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
      const said = [box.x1, box.y1, box.x2, box.y2].map((side) => side * 128);
      said.forEach((side, j) => {
        expect(Math.abs(side - drawn[j]), `${JSON.stringify(facts)} side ${j}`).toBeLessThan(2);
      });
      expect(Math.min(box.x1, box.y1)).toBeGreaterThan(0);
      expect(Math.max(box.x2, box.y2)).toBeLessThan(1);
    }
  });

  it('show every attribute: changing one value changes the picture, at 64 pixels and for small products', () => {
    const view = viewOf(7, 'one view', 0);
    const style = { imageSize: 64, background: 0, watermark: 0 };
    for (const leaf of shopLeaves) {
      for (const attribute of shopAttributes) {
        const random = Object.fromEntries(shopAttributes.map((name) => [name, stream.pick(valuesOf(leaf, name))]));
        const base = { ...randomFacts(stream), ...random, category: leaf, size: 'small' };
        const drawn = valuesOf(leaf, attribute).map((value) => drawScene({ ...base, [attribute]: value }, view, style));
        for (let i = 0; i < drawn.length; i++) {
          for (let j = 0; j < i; j++) {
            const changed = drawn[i].data.filter((value, at) => Math.abs(value - drawn[j].data[at]) > 10).length;
            expect(changed, `${leaf} ${attribute} ${i} ${j} ${JSON.stringify(base)}`).toBeGreaterThan(24);
          }
        }
      }
    }
  });
});

describe('drawScene', () => {
  const facts = { ...randomFacts(randomStream(1, 'scene')), size: 'medium' };
  const plain = { imageSize: 64, background: 0, watermark: 0 };
  const view = viewOf(1, 'scene', 1);
  const empty = { ...view, clutter: [] };

  it('gives the same pixels every time', () => {
    const style = { imageSize: 48, background: 1, watermark: 1 };
    expect(drawScene(facts, view, style).data).toEqual(drawScene(facts, viewOf(1, 'scene', 1), style).data);
  });

  it('has plain paper at strength 0 and no more with each dial turned up', () => {
    const paper = (raster: Raster) => raster.data.filter((value, at) => value === raster.data[at % 3]).length;
    const bare = paper(drawScene(facts, empty, plain));
    expect(bare).toBeGreaterThan(64 * 64);
    expect(paper(drawScene(facts, view, plain))).toBeLessThan(bare);
    expect(paper(drawScene(facts, empty, { ...plain, watermark: 1 }))).toBeLessThan(bare);
    expect(paper(drawScene(facts, empty, { ...plain, background: 1 }))).toBeLessThan(bare);
  });

  it('keeps the core product in front of all distractors', () => {
    const opaque = { ...facts, material: 'knit', category: 'armchair', shape: 'boxy', size: 'large' };
    const placement = placementOf(opaque, view.camera, 64);
    const middle = (Math.round(placement.y) * 64 + Math.round(placement.x)) * 3;
    const crowd = Array.from({ length: 30 }, (_, i) => ({ ...viewOf(2, `crowd ${i}`, 1).clutter[0] }));
    const alone = drawScene(opaque, empty, plain).data.slice(middle, middle + 3);
    expect(drawScene(opaque, { ...view, clutter: crowd }, plain).data.slice(middle, middle + 3)).toEqual(alone);
  });
});
