import type { Box } from './types.js';

/** Fraction of the image that a box covers. */
export function boxArea({ x1, y1, x2, y2 }: Box): number {
  return (x2 - x1) * (y2 - y1);
}

/** Fraction of the image that lies in both boxes. */
export function sharedArea(a: Box, b: Box): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  return Math.max(0, width) * Math.max(0, height);
}

/** Intersection over union: 1 for equal boxes, 0 for disjoint ones. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const shared = sharedArea(a, b);
  return shared / (boxArea(a) + boxArea(b) - shared);
}
