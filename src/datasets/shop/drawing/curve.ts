import type { Point } from './distance.js';

/** Outlines for `polygon` and `stroke`: mirrored shapes, bodies of revolution, arcs and smooth curves. */

/** Parse points in the syntax of SVG's `points` attribute: '0.2,-0.7 0.5,0.1'. */
export function points(text: string): Point[] {
  return text.split(' ').map((pair) => pair.split(',').map(Number) as [number, number]);
}

/** Close the right half of an outline (top to bottom) by its mirror image. */
export function mirrored(right: readonly Point[]): Point[] {
  return [...right, ...[...right].reverse().map(([x, y]): Point => [-x, y])];
}

/** The outline of a body of revolution: a smooth profile through (half width, height) points, top to bottom. */
export function turned(profile: readonly Point[]): Point[] {
  return mirrored(smooth(profile));
}

/** A Catmull-Rom curve through the points, with four segments between neighbours. */
export function smooth(points: readonly Point[], closed = false): Point[] {
  const count = points.length;
  const at = (index: number) =>
    closed ? points[(index + count) % count] : points[Math.max(0, Math.min(count - 1, index))];
  const out: Point[] = [];
  for (let i = 0; i < (closed ? count : count - 1); i++) {
    for (let piece = 0; piece < 4; piece++) {
      const t = piece / 4;
      const mix = (axis: 0 | 1) => catmullRom(at(i - 1)[axis], at(i)[axis], at(i + 1)[axis], at(i + 2)[axis], t);
      out.push([mix(0), mix(1)]);
    }
  }
  if (!closed) out.push(points[count - 1]);
  return out;
}

/** Points of an elliptic arc; angles in degrees, clockwise from the right. */
export function arc(cx: number, cy: number, rx: number, ry: number, from: number, to: number): Point[] {
  const pieces = Math.max(4, Math.ceil(Math.abs(to - from) / 18));
  return Array.from({ length: pieces + 1 }, (_, i): Point => {
    const angle = ((from + ((to - from) * i) / pieces) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });
}

/** The corners of a regular polygon, the first at angle `start` in degrees. */
export function regular(cx: number, cy: number, radius: number, corners: number, start: number): Point[] {
  return Array.from({ length: corners }, (_, i): Point => {
    const angle = ((start + (360 * i) / corners) * Math.PI) / 180;
    return [cx + radius * Math.cos(angle), cy + radius * Math.sin(angle)];
  });
}

function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  return b + (t / 2) * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}
