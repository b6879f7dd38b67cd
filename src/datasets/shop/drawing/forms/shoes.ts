import { points, smooth } from '../curve.js';
import { clip, ellipse, type Point, polygon, rectangle, type Solid, stroke, union } from '../distance.js';
import { body, dark, type Form, lining, type Part, pale, trim } from '../part.js';

/** Shoes point to the right. */
function sneaker(collar: Point[], laced: boolean): Part[] {
  const upper = polygon(
    smooth([...collar, ...points('0.2,-0.1 0.5,0.1 0.8,0.2 0.84,0.42 -0.78,0.42 -0.84,0.1')], true),
    0.03,
  );
  const laces = [0, 1, 2].map((i) =>
    pale(stroke(points(`${0.02 + i * 0.14},${i * 0.11 - 0.16} ${0.2 + i * 0.14},${i * 0.1 - 0.1}`), 0.07)),
  );
  return [
    body(upper),
    pale(clip(upper, ellipse(0.8, 0.42, 0.26, 0.26))),
    trim(rectangle(-0.92, 0.38, 0.95, 0.62, 0.1)),
    ...(laced ? laces : [dark(stroke(points('-0.1,-0.14 0.06,0.1 0.28,-0.02'), 0.04))]),
    dark(stroke(points('-0.5,0.34 -0.2,0.02'), 0.04)),
    dark(stroke(points('-0.34,0.34 -0.04,0.04'), 0.04)),
  ];
}

function boot(shaft: Point[], heel: number, extra: (upper: Solid) => Part[]): Part[] {
  const upper = polygon([...shaft, ...points('0.12,0.2 0.5,0.32 0.78,0.5 0.8,0.68 -0.5,0.68')], 0.05);
  return [
    body(upper),
    ...extra(upper),
    trim(union(rectangle(-0.58, 0.68, 0.86, 0.8, 0.04), rectangle(-0.58, 0.7, -0.58 + heel, 0.94, 0.02))),
  ];
}

function pump(heel: Solid): Part[] {
  const upper = polygon(
    smooth(
      points(
        '-0.74,-0.44 -0.6,-0.02 -0.1,0.28 0.3,0.34 0.62,0.28 0.9,0.52 0.62,0.6 0.2,0.6 -0.3,0.3 -0.66,0.16 -0.8,-0.2',
      ),
      true,
    ),
    0.02,
  );
  return [
    trim(heel),
    lining(polygon(smooth(points('-0.72,-0.42 -0.4,0 0.1,0.22 0.62,0.28 0.3,0.4 -0.4,0.2'), true))),
    body(upper),
    trim(stroke(smooth(points('-0.78,-0.1 -0.66,0.2 -0.3,0.36 0.2,0.64 0.86,0.62')), 0.08)),
  ];
}

export const shoes: Record<string, Form> = {
  sneaker: {
    'low-top': () => sneaker(points('-0.8,-0.26 -0.56,-0.1 -0.16,-0.3'), true),
    'high-top': () => sneaker(points('-0.78,-0.66 -0.42,-0.68 -0.08,-0.62 -0.02,-0.3'), true),
    'slip-on': () => sneaker(points('-0.82,-0.06 -0.5,-0.02 -0.12,-0.22'), false),
  },
  boot: {
    ankle: () => boot(points('-0.5,-0.3 0.1,-0.34'), 0.34, () => [trim(stroke(points('-0.5,-0.32 0.1,-0.36'), 0.14))]),
    'knee-high': () =>
      boot(points('-0.56,-0.88 0.2,-0.88'), 0.26, () => [
        trim(stroke(points('-0.56,-0.84 0.2,-0.84'), 0.16)),
        dark(stroke(points('-0.1,-0.7 -0.16,0.3'), 0.03)),
      ]),
    cowboy: () =>
      boot(points('-0.6,-0.7 -0.2,-0.5 0.24,-0.76'), 0.3, (upper) => [
        trim(clip(upper, polygon(points('0.3,0.2 1,0.2 1,0.74 0.52,0.74')))),
        trim(stroke(points('-0.62,-0.7 -0.2,-0.48 0.26,-0.76'), 0.1)),
      ]),
  },
  pump: {
    stiletto: () => pump(polygon(points('-0.84,-0.2 -0.5,0.26 -0.64,0.66 -0.72,0.66'), 0.01)),
    'block-heel': () => pump(polygon(points('-0.84,-0.2 -0.28,0.34 -0.34,0.66 -0.82,0.66'), 0.01)),
    wedge: () => pump(polygon(points('-0.84,-0.2 -0.3,0.32 0.4,0.62 0.9,0.6 0.86,0.68 -0.82,0.68'), 0.01)),
  },
};
