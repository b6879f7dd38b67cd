import { arc, points, regular, smooth, turned } from '../curve.js';
import { circle, clip, cut, ellipse, type Point, polygon, rectangle, type Solid, stroke, union } from '../distance.js';
import { body, dark, type Form, lining, type Part, silver, trim } from '../part.js';

/** The cup is 0.14 left of the centre, which leaves room for the handle. */
function mug(profile: Point[]): Part[] {
  const [rim, top] = profile[0];
  return [
    trim(stroke(arc(0.38, 0.06, 0.4, 0.4, -85, 85), 0.14)),
    body(
      polygon(
        turned(profile).map(([x, y]): Point => [x - 0.14, y]),
        0.05,
      ),
    ),
    trim(ellipse(-0.14, top, rim + 0.06, 0.13)),
    lining(ellipse(-0.14, top + 0.01, rim - 0.02, 0.085)),
  ];
}

function goblet(bowl: Point[]): Part[] {
  const [rim, top] = bowl[0];
  return [
    trim(polygon(turned(points('0.06,0.1 0.045,0.5 0.08,0.76 0.42,0.86')), 0.02)),
    body(polygon(turned(bowl), 0.02)),
    lining(ellipse(0, top, rim, rim * 0.2)),
    trim(stroke(arc(0, top, rim, rim * 0.2, 0, 360), 0.05)),
  ];
}

function bottle(profile: Point[]): Part[] {
  const outline = polygon(turned([...points('0.11,-0.66 0.11,-0.42'), ...profile]), 0.04);
  return [
    body(outline),
    trim(rectangle(-0.17, -0.95, 0.17, -0.62, 0.05)),
    trim(clip(outline, rectangle(-0.9, 0.2, 0.9, 0.42))),
  ];
}

function teapot(pot: Solid, lid: Point, spout: Point[]): Part[] {
  const [width, top] = lid;
  return [
    body(stroke(smooth(spout), 0.17)),
    trim(stroke(arc(0.46, 0.14, 0.4, 0.36, -80, 80), 0.12)),
    body(pot),
    trim(union(ellipse(0, top, width, 0.11), circle(0, top - 0.16, 0.09))),
    trim(rectangle(-0.34, 0.66, 0.34, 0.78, 0.05)),
  ];
}

function saucepan(pot: Solid, rim: number): Part[] {
  return [
    trim(
      stroke(
        [
          [0.3, rim + 0.12],
          [0.88, rim - 0.06],
        ],
        0.14,
      ),
    ),
    body(pot),
    trim(rectangle(-0.72, rim - 0.05, 0.42, rim + 0.07, 0.05)),
    silver(clip(ellipse(-0.15, rim - 0.05, 0.54, 0.2), rectangle(-1, -1, 1, rim - 0.05))),
    dark(rectangle(-0.24, rim - 0.38, -0.06, rim - 0.2, 0.06)),
  ];
}

function bowl(right: Point[], foot: Part): Part[] {
  const [rim, top] = right[0];
  return [
    foot,
    body(polygon(turned(right), 0.02)),
    trim(ellipse(0, top, rim + 0.03, 0.2)),
    lining(ellipse(0, top + 0.01, rim - 0.06, 0.14)),
  ];
}

function plate(outline: (size: number) => Solid): Part[] {
  return [trim(outline(0.92)), body(outline(0.82)), trim(cut(outline(0.5), outline(0.45)))];
}

function jar(right: Point[]): Part[] {
  const top = right[0][1];
  const width = right[0][0];
  return [
    body(polygon(turned(right), 0.05)),
    trim(rectangle(-width - 0.1, top - 0.2, width + 0.1, top + 0.02, 0.06)),
    trim(circle(0, top - 0.28, 0.12)),
    silver(rectangle(-0.3, 0.1, 0.3, 0.4, 0.05)),
    dark(stroke(points('-0.18,0.2 0.18,0.2'), 0.03)),
    dark(stroke(points('-0.18,0.3 0.08,0.3'), 0.03)),
  ];
}

export const kitchen: Record<string, Form> = {
  mug: {
    straight: () => mug(points('0.52,-0.6 0.52,0 0.52,0.62')),
    tapered: () => mug(points('0.62,-0.6 0.5,0 0.36,0.66')),
    rounded: () => mug(points('0.4,-0.54 0.6,0 0.56,0.38 0.3,0.62')),
  },
  goblet: {
    tulip: () => goblet(points('0.36,-0.84 0.46,-0.4 0.36,-0.04 0.04,0.18')),
    flute: () => goblet(points('0.24,-0.9 0.26,-0.4 0.2,0 0.04,0.26')),
    conical: () => goblet(points('0.74,-0.74 0.38,-0.3 0.04,0.12')),
  },
  bottle: {
    slender: () => bottle(points('0.24,-0.1 0.27,0.2 0.27,0.86')),
    rounded: () => bottle(points('0.3,-0.16 0.58,0.3 0.5,0.74 0.3,0.88')),
    broad: () => bottle(points('0.46,-0.28 0.5,-0.1 0.5,0.3 0.5,0.86')),
  },
  teapot: {
    rounded: () => teapot(ellipse(0, 0.16, 0.56, 0.56), [0.3, -0.36], points('-0.4,0.34 -0.66,0.14 -0.84,-0.28')),
    tall: () =>
      teapot(
        polygon(turned(points('0.28,-0.6 0.36,-0.1 0.5,0.66')), 0.05),
        [0.3, -0.62],
        points('-0.36,0.4 -0.6,0.1 -0.8,-0.4'),
      ),
    squat: () =>
      teapot(
        polygon(turned(points('0.4,-0.14 0.66,0.2 0.6,0.5 0.4,0.68')), 0.05),
        [0.4, -0.18],
        points('-0.5,0.4 -0.72,0.2 -0.86,-0.06'),
      ),
  },
  saucepan: {
    deep: () => saucepan(rectangle(-0.68, -0.3, 0.38, 0.72, 0.12), -0.3),
    shallow: () => saucepan(rectangle(-0.68, 0.06, 0.38, 0.6, 0.12), 0.06),
    sloped: () => saucepan(polygon(points('-0.66,-0.06 0.36,-0.06 0.12,0.56 -0.42,0.56'), 0.05), -0.08),
  },
  bowl: {
    rounded: () =>
      bowl(points('0.86,-0.22 0.78,0.2 0.46,0.52 0.3,0.56'), trim(rectangle(-0.34, 0.5, 0.34, 0.66, 0.03))),
    flat: () => bowl(points('0.92,0.04 0.72,0.3 0.44,0.42 0.4,0.43'), trim(rectangle(-0.44, 0.4, 0.44, 0.5, 0.03))),
    footed: () =>
      bowl(
        points('0.78,-0.5 0.7,-0.14 0.36,0.14 0.1,0.2'),
        trim(polygon(turned(points('0.1,0.16 0.12,0.46 0.46,0.74')), 0.02)),
      ),
  },
  plate: {
    round: () => plate((size) => circle(0, 0, size)),
    square: () => plate((size) => rectangle(-size * 0.9, -size * 0.9, size * 0.9, size * 0.9, size * 0.16)),
    octagonal: () => plate((size) => polygon(regular(0, 0, size, 8, 22.5))),
  },
  jar: {
    straight: () => jar(points('0.46,-0.4 0.46,0 0.46,0.84')),
    rounded: () => jar(points('0.34,-0.4 0.6,-0.02 0.58,0.5 0.36,0.84')),
    tapered: () => jar(points('0.54,-0.4 0.46,0.2 0.32,0.84')),
  },
};
