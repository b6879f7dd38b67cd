import { arc, mirrored, points, smooth } from '../curve.js';
import { circle, clip, cut, ellipse, type Point, polygon, rectangle, stroke, union } from '../distance.js';
import { body, dark, type Form, lining, type Part, trim } from '../part.js';

const neckHole = ellipse(0, -0.76, 0.23, 0.15);

function tee(...neck: Part[]): Part[] {
  const outline = polygon(mirrored(points('0.2,-0.72 0.46,-0.64 0.88,-0.2 0.64,0 0.5,-0.16 0.47,0.3 0.5,0.8')), 0.03);
  const cuffs = [1, -1].map((side) =>
    trim(clip(outline, stroke(points(`${0.93 * side},-0.14 ${0.64 * side},0.06`), 0.12))),
  );
  return [lining(ellipse(0, -0.72, 0.22, 0.08)), body(cut(outline, neckHole)), ...cuffs, ...neck];
}

function sweater(...neck: Part[]): Part[] {
  const right = points('0.22,-0.7 0.48,-0.62 0.62,-0.45 0.88,0.6 0.68,0.66 0.5,0 0.48,0.78');
  const outline = polygon(mirrored(right), 0.04);
  const bands = [
    trim(clip(outline, rectangle(-0.55, 0.68, 0.55, 0.9))),
    ...[1, -1].map((side) => trim(clip(outline, stroke(points(`${0.95 * side},0.57 ${0.62 * side},0.67`), 0.16)))),
  ];
  return [lining(ellipse(0, -0.7, 0.24, 0.09)), body(cut(outline, neckHole)), ...bands, ...neck];
}

/** Trousers and shorts. They share the part from waist to crotch; the legs end at `hem`, between `inner` and `outer`. */
function legs(top: number, hem: number, outer: number, inner: number, knee = outer): Part[] {
  const right = points(
    `0.36,${top} 0.46,${top + 0.45} ${(0.46 + knee) / 2},${(top + hem) / 2 + 0.15} ${outer},${hem} ${inner},${hem} 0.06,${top + 0.66}`,
  );
  const outline = polygon(mirrored(right), 0.03);
  return [
    body(outline),
    trim(clip(outline, rectangle(-0.6, top - 0.05, 0.6, top + 0.1))),
    dark(stroke(points(`0,${top + 0.1} 0,${top + 0.5}`), 0.025)),
    dark(stroke(arc(0.42, top + 0.12, 0.2, 0.2, 90, 180), 0.025)),
    dark(stroke(arc(-0.42, top + 0.12, 0.2, 0.2, 0, 90), 0.025)),
  ];
}

function dress(hips: Point[]): Part[] {
  const right = [...points('0.13,-0.52 0.2,-0.9 0.27,-0.9 0.31,-0.5 0.23,-0.12'), ...hips];
  const outline = polygon(mirrored(smooth(right)), 0.02);
  return [
    body(outline),
    trim(clip(outline, rectangle(-0.4, -0.19, 0.4, -0.05))),
    trim(clip(outline, rectangle(-0.95, 0.8, 0.95, 1))),
  ];
}

function skirt(right: Point[], pleats: number[]): Part[] {
  const outline = polygon(mirrored(smooth(right)), 0.02);
  return [
    body(outline),
    ...pleats.map((x) => dark(stroke(points(`${x * 0.45},-0.5 ${x},0.68`), 0.03))),
    trim(clip(outline, rectangle(-0.6, -0.8, 0.6, -0.55))),
  ];
}

export const clothing: Record<string, Form> = {
  't-shirt': {
    'crew-neck': () => tee(trim(stroke(arc(0, -0.76, 0.24, 0.17, 10, 170), 0.08))),
    'v-neck': () =>
      tee(
        lining(polygon(mirrored(points('0.2,-0.74 0.02,-0.32')), 0.01)),
        trim(stroke(points('-0.23,-0.74 0,-0.28 0.23,-0.74'), 0.09)),
      ),
    polo: () =>
      tee(
        trim(rectangle(-0.07, -0.66, 0.07, -0.16, 0.02)),
        dark(union(circle(0, -0.5, 0.025), circle(0, -0.36, 0.025), circle(0, -0.23, 0.025))),
        trim(polygon(points('-0.24,-0.8 -0.02,-0.62 -0.18,-0.46 -0.32,-0.66'), 0.02)),
        trim(polygon(points('0.24,-0.8 0.02,-0.62 0.18,-0.46 0.32,-0.66'), 0.02)),
      ),
  },
  sweater: {
    'round-neck': () => sweater(trim(stroke(arc(0, -0.74, 0.25, 0.17, 5, 175), 0.1))),
    turtleneck: () => sweater(trim(rectangle(-0.24, -0.93, 0.24, -0.58, 0.06))),
    hooded: () =>
      sweater(
        body(cut(ellipse(0, -0.64, 0.38, 0.33), ellipse(0, -0.66, 0.2, 0.22))),
        lining(ellipse(0, -0.66, 0.2, 0.22)),
        trim(stroke(arc(0, -0.66, 0.21, 0.23, 0, 360), 0.06)),
        trim(stroke(points('-0.1,-0.42 -0.12,-0.05'), 0.05)),
        trim(stroke(points('0.1,-0.42 0.12,-0.05'), 0.05)),
        dark(stroke(points('-0.32,0.6 -0.22,0.24 0.22,0.24 0.32,0.6'), 0.03)),
      ),
  },
  trousers: {
    straight: () => legs(-0.92, 0.9, 0.45, 0.12),
    skinny: () => legs(-0.92, 0.9, 0.27, 0.09, 0.36),
    'wide-leg': () => legs(-0.92, 0.9, 0.72, 0.1, 0.52),
  },
  shorts: {
    straight: () => legs(-0.6, 0.36, 0.52, 0.08),
    knee: () => legs(-0.72, 0.74, 0.5, 0.1),
    'wide-leg': () => legs(-0.6, 0.4, 0.84, 0.08, 0.66),
  },
  dress: {
    'a-line': () => dress(points('0.36,0.2 0.52,0.55 0.68,0.92')),
    pencil: () => dress(points('0.36,0.2 0.35,0.5 0.29,0.92')),
    mermaid: () => dress(points('0.38,0.15 0.24,0.52 0.34,0.68 0.66,0.92')),
  },
  skirt: {
    pencil: () => skirt(points('0.34,-0.72 0.45,-0.3 0.42,0.2 0.34,0.72'), []),
    flared: () => skirt(points('0.32,-0.72 0.44,-0.4 0.68,0.2 0.92,0.66'), []),
    pleated: () => skirt(points('0.36,-0.72 0.48,-0.3 0.6,0.2 0.7,0.72'), [-0.48, -0.24, 0, 0.24, 0.48]),
  },
};
