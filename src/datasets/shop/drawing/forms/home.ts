import { arc, mirrored, points, regular, smooth, turned } from '../curve.js';
import { circle, clip, cut, ellipse, type Point, polygon, rectangle, type Solid, stroke, union } from '../distance.js';
import { body, dark, type Form, lining, type Part, pale, silver, trim } from '../part.js';

function tableLamp(shade: Solid): Part[] {
  return [
    trim(polygon(turned(points('0.06,-0.1 0.16,0.2 0.24,0.44 0.08,0.7')), 0.02)),
    trim(rectangle(-0.4, 0.72, 0.4, 0.88, 0.06)),
    silver(rectangle(-0.05, -0.2, 0.05, 0, 0)),
    body(shade),
  ];
}

function pendantLamp(shade: Solid, bottom: number, mouth: number): Part[] {
  return [
    dark(stroke(points('0,-0.95 0,-0.4'), 0.05)),
    pale(circle(0, bottom, 0.17)),
    body(shade),
    trim(rectangle(-0.15, -0.56, 0.15, -0.32, 0.05)),
    trim(rectangle(-mouth, bottom - 0.08, mouth, bottom + 0.04, 0.04)),
  ];
}

function chair(back: Part[]): Part[] {
  return [
    ...[-0.42, 0.42].map((x) => trim(rectangle(x - 0.06, -0.2, x + 0.06, 0.8, 0.02))),
    ...back,
    trim(union(rectangle(-0.6, 0.3, -0.46, 0.94, 0.03), rectangle(0.46, 0.3, 0.6, 0.94, 0.03))),
    body(polygon(mirrored(points('0.46,0.1 0.62,0.34')), 0.05)),
  ];
}

/** @param top upper end of the arms */
function armchair(back: Solid, top: number, corner: number): Part[] {
  return [
    trim(union(rectangle(-0.66, 0.7, -0.52, 0.92, 0.03), rectangle(0.52, 0.7, 0.66, 0.92, 0.03))),
    body(back),
    lining(rectangle(-0.6, 0.1, 0.6, 0.76, 0.06)),
    trim(rectangle(-0.52, 0.14, 0.52, 0.42, 0.1)),
    body(rectangle(-0.88, top, -0.5, 0.78, corner)),
    body(rectangle(0.5, top, 0.88, 0.78, corner)),
    body(rectangle(-0.52, 0.44, 0.52, 0.76, 0.06)),
  ];
}

function vase(profile: Point[], extra: Part[] = []): Part[] {
  const outline = polygon(turned(profile), 0.03);
  const [mouth, top] = profile[0];
  return [
    ...extra,
    body(outline),
    trim(ellipse(0, top, mouth + 0.05, 0.09)),
    lining(ellipse(0, top, mouth - 0.03, 0.05)),
    trim(clip(outline, rectangle(-1, 0.76, 1, 1))),
  ];
}

function clock(outline: (size: number) => Solid): Part[] {
  const ticks = regular(0, 0, 0.46, 12, 0).map(([x, y]) => circle(x, y, 0.035));
  return [
    trim(outline(0.9)),
    body(outline(0.8)),
    dark(circle(0, 0, 0.58)),
    pale(circle(0, 0, 0.55)),
    dark(union(...ticks)),
    dark(union(stroke(points('0,-0.36 0,0'), 0.06), stroke(points('0,0 0.26,0.14'), 0.08), circle(0, 0, 0.06))),
  ];
}

/** A square with concave sides. */
function pillow(size: number): Solid {
  const bites = regular(0, 0, size * 3.9, 4, 0).map(([x, y]) => circle(x, y, size * 3));
  return cut(rectangle(-size, -size, size, size, 0.04), union(...bites));
}

export const home: Record<string, Form> = {
  'table lamp': {
    conical: () => tableLamp(polygon(mirrored(points('0.28,-0.88 0.68,-0.1')), 0.02)),
    domed: () => tableLamp(polygon(arc(0, -0.12, 0.68, 0.76, 180, 360), 0.02)),
    drum: () => tableLamp(rectangle(-0.58, -0.86, 0.58, -0.1, 0.05)),
  },
  'pendant lamp': {
    bell: () => pendantLamp(polygon(turned(points('0.12,-0.4 0.34,-0.16 0.42,0.3 0.82,0.6')), 0.02), 0.62, 0.84),
    globe: () => pendantLamp(circle(0, 0.2, 0.64), 0.78, 0.26),
    conical: () => pendantLamp(polygon(mirrored(points('0.1,-0.36 0.84,0.44')), 0.02), 0.46, 0.86),
  },
  chair: {
    'square-back': () => chair([body(rectangle(-0.52, -0.9, 0.52, -0.06, 0.08))]),
    'round-back': () => chair([body(ellipse(0, -0.48, 0.56, 0.46))]),
    slatted: () => chair([-0.88, -0.58, -0.28].map((y) => body(rectangle(-0.56, y, 0.56, y + 0.2, 0.05)))),
  },
  armchair: {
    boxy: () => armchair(rectangle(-0.66, -0.66, 0.66, 0.5, 0.1), -0.06, 0.1),
    winged: () => {
      const back = points('-0.6,0.4 -0.74,-0.3 -0.7,-0.78 -0.3,-0.86 0.3,-0.86 0.7,-0.78 0.74,-0.3 0.6,0.4');
      return armchair(polygon(smooth(back, true), 0.02), 0.06, 0.14);
    },
    tub: () =>
      armchair(polygon([...arc(0, 0.06, 0.84, 0.66, 180, 360), ...points('0.84,0.5 -0.84,0.5')], 0.04), 0, 0.15),
  },
  stool: {
    'three-legged': () => [
      ...[-0.56, 0, 0.56].map((x) => trim(stroke(points(`${x * 0.7},-0.3 ${x},0.86`), 0.13))),
      body(ellipse(0, -0.36, 0.7, 0.24)),
    ],
    pedestal: () => [
      trim(union(rectangle(-0.09, -0.3, 0.09, 0.74), polygon(turned(points('0.1,0.66 0.56,0.84')), 0.04))),
      body(rectangle(-0.66, -0.62, 0.66, -0.22, 0.14)),
    ],
    cube: () => [
      ...[-0.5, 0.5].map((x) => trim(rectangle(x - 0.1, 0.5, x + 0.1, 0.88, 0.03))),
      body(rectangle(-0.66, -0.56, 0.66, 0.66, 0.1)),
    ],
  },
  vase: {
    amphora: () =>
      vase(
        points('0.28,-0.84 0.18,-0.5 0.56,-0.1 0.46,0.4 0.26,0.9'),
        [-0.3, 0.3].map((x) => trim(stroke(arc(x, -0.38, 0.3, 0.28, 0, 360), 0.1))),
      ),
    globe: () => vase(points('0.2,-0.84 0.15,-0.36 0.3,-0.12 0.66,0.36 0.5,0.76 0.3,0.88')),
    straight: () => vase(points('0.38,-0.82 0.38,0 0.38,0.88')),
  },
  clock: {
    round: () => clock((size) => circle(0, 0, size)),
    square: () => clock((size) => rectangle(-size, -size, size, size, 0.12)),
    octagonal: () => clock((size) => polygon(regular(0, 0, size * 1.04, 8, 22.5))),
  },
  cushion: {
    square: () => [trim(pillow(0.82)), body(pillow(0.76))],
    round: () => [trim(circle(0, 0, 0.86)), body(circle(0, 0, 0.76))],
    bolster: () => [
      trim(union(ellipse(-0.78, 0, 0.16, 0.38), ellipse(0.78, 0, 0.16, 0.38))),
      body(rectangle(-0.78, -0.38, 0.78, 0.38, 0.1)),
    ],
  },
};
