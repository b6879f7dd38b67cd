import { arc, mirrored, points, regular, smooth } from '../curve.js';
import { circle, clip, cut, ellipse, type Point, polygon, rectangle, type Solid, stroke, union } from '../distance.js';
import { body, dark, type Form, lining, type Part, pale, silver, trim } from '../part.js';

function handbag(outline: Solid, top: number): Part[] {
  return [
    trim(stroke(arc(0, top, 0.42, 0.58, 180, 360), 0.1)),
    body(outline),
    trim(clip(outline, rectangle(-1, top - 0.1, 1, top + 0.2))),
    silver(rectangle(-0.1, top + 0.08, 0.1, top + 0.3, 0.04)),
    silver(union(circle(-0.42, top + 0.02, 0.07), circle(0.42, top + 0.02, 0.07))),
  ];
}

function backpack(outline: Solid, lid: Part[]): Part[] {
  return [
    trim(stroke(arc(0, -0.76, 0.17, 0.16, 180, 360), 0.08)),
    trim(stroke(arc(-0.56, 0.3, 0.22, 0.5, 90, 270), 0.12)),
    trim(stroke(arc(0.56, 0.3, 0.22, 0.5, -90, 90), 0.12)),
    body(outline),
    ...lid,
    lining(rectangle(-0.42, 0.16, 0.42, 0.74, 0.12)),
    body(rectangle(-0.38, 0.2, 0.38, 0.7, 0.1)),
    trim(rectangle(-0.38, 0.26, 0.38, 0.36, 0.03)),
  ];
}

function tote(right: Point[], reach: number): Part[] {
  const outline = polygon(mirrored(right), 0.03);
  return [
    trim(stroke(smooth(points(`-0.3,-0.1 -0.24,${-reach} 0.24,${-reach} 0.3,-0.1`)), 0.09)),
    body(outline),
    trim(clip(outline, rectangle(-1, -0.4, 1, -0.14))),
    trim(clip(outline, rectangle(-1, right[1][1] - 0.08, 1, 1))),
  ];
}

function watch(dial: (size: number) => Solid): Part[] {
  const strap = polygon(mirrored(points('0.28,-0.92 0.44,-0.3 0.44,0.3 0.28,0.92')), 0.03);
  return [
    body(strap),
    silver(rectangle(0.4, -0.07, 0.62, 0.07, 0.03)),
    trim(dial(0.52)),
    dark(dial(0.4)),
    pale(dial(0.36)),
    dark(union(stroke(points('0,-0.22 0,0 0.16,0.1'), 0.055), circle(0, 0, 0.05))),
  ];
}

function umbrella(canopy: Point[], tips: number): Part[] {
  const scallops = Array.from({ length: 4 }, (_, i) => ellipse(-0.675 + i * 0.45, tips + 0.05, 0.225, 0.12));
  const roof = cut(polygon(smooth(canopy)), union(...scallops));
  return [
    trim(stroke([...points('0,-0.9 0,0.74'), ...arc(0.14, 0.74, 0.14, 0.16, 180, 0)], 0.09)),
    body(roof),
    trim(clip(roof, rectangle(-1, tips - 0.2, 1, tips - 0.06))),
    ...[-0.45, 0, 0.45].map((x) => dark(stroke(smooth(points(`0,-0.76 ${x * 0.8},-0.4 ${x},${tips - 0.04}`)), 0.025))),
  ];
}

export const accessories: Record<string, Form> = {
  handbag: {
    trapeze: () => handbag(polygon(mirrored(points('0.56,-0.16 0.82,0.7')), 0.08), -0.2),
    'half-moon': () => handbag(polygon(arc(0, -0.16, 0.86, 0.88, 0, 180), 0.05), -0.18),
    barrel: () => handbag(rectangle(-0.94, -0.22, 0.94, 0.6, 0.38), -0.2),
  },
  backpack: {
    rounded: () =>
      backpack(rectangle(-0.62, -0.8, 0.62, 0.84, 0.42), [dark(stroke(arc(0, -0.24, 0.48, 0.36, 180, 360), 0.035))]),
    boxy: () =>
      backpack(rectangle(-0.62, -0.76, 0.62, 0.84, 0.12), [
        trim(rectangle(-0.6, -0.34, 0.6, -0.24, 0.02)),
        silver(rectangle(-0.08, -0.4, 0.08, -0.18, 0.03)),
      ]),
    'roll-top': () =>
      backpack(polygon(mirrored(points('0.44,-0.6 0.6,-0.1 0.6,0.78')), 0.04), [
        trim(rectangle(-0.52, -0.84, 0.52, -0.58, 0.1)),
        dark(stroke(points('0,-0.6 0,0.1'), 0.05)),
      ]),
  },
  tote: {
    square: () => tote(points('0.66,-0.2 0.66,0.84'), 0.84),
    tapered: () => tote(points('0.84,-0.2 0.5,0.84'), 0.8),
    shopper: () => tote(points('0.86,-0.18 0.84,0.6'), 0.62),
  },
  watch: {
    round: () => watch((size) => circle(0, 0, size)),
    square: () => watch((size) => rectangle(-size * 0.92, -size * 0.92, size * 0.92, size * 0.92, 0.08)),
    octagonal: () => watch((size) => polygon(regular(0, 0, size * 1.08, 8, 22.5))),
  },
  hat: {
    baseball: () => [
      body(polygon([...arc(-0.18, 0.28, 0.66, 0.74, 180, 360), ...points('0.48,0.36 -0.84,0.36')], 0.03)),
      trim(polygon(smooth(points('0.1,0.24 0.6,0.22 0.94,0.46 0.5,0.44 0.06,0.42'), true), 0.02)),
      trim(circle(-0.18, -0.48, 0.07)),
      dark(stroke(arc(-0.18, 0.3, 0.24, 0.74, 180, 360), 0.025)),
    ],
    bucket: () => [
      body(polygon(mirrored(points('0.42,-0.6 0.58,0.06')), 0.06)),
      body(polygon(mirrored(points('0.6,0.08 0.9,0.52')), 0.03)),
      trim(polygon(mirrored(points('0.6,-0.02 0.64,0.12')), 0.02)),
    ],
    beanie: () => [
      body(polygon([...arc(0, 0.2, 0.64, 0.78, 180, 360), ...points('0.64,0.4 -0.64,0.4')], 0.02)),
      trim(rectangle(-0.72, 0.26, 0.72, 0.62, 0.1)),
      trim(circle(0, -0.64, 0.24)),
    ],
  },
  umbrella: {
    domed: () => umbrella([...points('-0.9,0.18'), ...arc(0, 0.06, 0.9, 0.84, 180, 360), ...points('0.9,0.18')], 0.16),
    flat: () => umbrella(points('-0.94,-0.06 -0.6,-0.4 0,-0.66 0.6,-0.4 0.94,-0.06'), -0.08),
    pagoda: () =>
      umbrella(
        points('-0.94,0.2 -0.72,-0.18 -0.36,-0.36 -0.12,-0.6 0,-0.88 0.12,-0.6 0.36,-0.36 0.72,-0.18 0.94,0.2'),
        0.18,
      ),
  },
};
