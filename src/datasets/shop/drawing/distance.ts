/**
 * Signed distance functions from which the silhouettes of the generated shop are built: negative inside, positive outside, in units of the
 * drawing square [-1, 1] x [-1, 1] (y points down). Formulas from I. Quilez's published list.
 */

export type Point = readonly [x: number, y: number];

export interface Solid {
  distance(x: number, y: number): number;
  /** Bounding box x1, y1, x2, y2. */
  bounds: readonly [number, number, number, number];
}

export function circle(cx: number, cy: number, radius: number): Solid {
  return {
    distance: (x, y) => Math.hypot(x - cx, y - cy) - radius,
    bounds: [cx - radius, cy - radius, cx + radius, cy + radius],
  };
}

/** First-order approximation of the distance to an ellipse. It is exact on the outline, where it is used. */
export function ellipse(cx: number, cy: number, rx: number, ry: number): Solid {
  return {
    distance(x, y) {
      const px = (x - cx) / rx;
      const py = (y - cy) / ry;
      const scaled = Math.hypot(px, py);
      if (scaled < 1e-6) return -Math.min(rx, ry);
      return (scaled * (scaled - 1)) / Math.hypot(px / rx, py / ry);
    },
    bounds: [cx - rx, cy - ry, cx + rx, cy + ry],
  };
}

/** A rectangle with rounded corners. */
export function rectangle(x1: number, y1: number, x2: number, y2: number, corner = 0): Solid {
  const cx = (x1 + x2) / 2;
  const cy = (y1 + y2) / 2;
  return {
    distance(x, y) {
      const dx = Math.abs(x - cx) - (x2 - x1) / 2 + corner;
      const dy = Math.abs(y - cy) - (y2 - y1) / 2 + corner;
      return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - corner;
    },
    bounds: [x1, y1, x2, y2],
  };
}

/** A closed polygon, expanded by `round` so that its corners become arcs. */
export function polygon(points: readonly Point[], round = 0): Solid {
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  const count = points.length;
  return {
    distance(x, y) {
      let nearest = Number.POSITIVE_INFINITY;
      let inside = false;
      for (let i = 0, j = count - 1; i < count; j = i++) {
        nearest = Math.min(nearest, squaredToSegment(x - xs[i], y - ys[i], xs[j] - xs[i], ys[j] - ys[i]));
        if (ys[i] > y !== ys[j] > y && x < ((xs[j] - xs[i]) * (y - ys[i])) / (ys[j] - ys[i]) + xs[i]) inside = !inside;
      }
      return (inside ? -1 : 1) * Math.sqrt(nearest) - round;
    },
    bounds: grow(boundsOf(points), round),
  };
}

/** A polyline drawn with a round pen. */
export function stroke(points: readonly Point[], width: number): Solid {
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  return {
    distance(x, y) {
      let nearest = Number.POSITIVE_INFINITY;
      for (let i = 1; i < points.length; i++) {
        const before = i - 1;
        const squared = squaredToSegment(x - xs[before], y - ys[before], xs[i] - xs[before], ys[i] - ys[before]);
        nearest = Math.min(nearest, squared);
      }
      return Math.sqrt(nearest) - width / 2;
    },
    bounds: grow(boundsOf(points), width / 2),
  };
}

export function union(...solids: Solid[]): Solid {
  const all = solids.map((solid) => solid.bounds);
  return {
    distance(x, y) {
      let nearest = Number.POSITIVE_INFINITY;
      for (const solid of solids) nearest = Math.min(nearest, solid.distance(x, y));
      return nearest;
    },
    bounds: [
      Math.min(...all.map((bounds) => bounds[0])),
      Math.min(...all.map((bounds) => bounds[1])),
      Math.max(...all.map((bounds) => bounds[2])),
      Math.max(...all.map((bounds) => bounds[3])),
    ],
  };
}

/** The part of `solid` outside `hole`. */
export function cut(solid: Solid, hole: Solid): Solid {
  return { distance: (x, y) => Math.max(solid.distance(x, y), -hole.distance(x, y)), bounds: solid.bounds };
}

/** The part of `solid` inside `frame`. */
export function clip(solid: Solid, frame: Solid): Solid {
  const [a, b] = [solid.bounds, frame.bounds];
  return {
    distance: (x, y) => Math.max(solid.distance(x, y), frame.distance(x, y)),
    bounds: [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])],
  };
}

function squaredToSegment(px: number, py: number, ex: number, ey: number): number {
  const along = Math.max(0, Math.min(1, (px * ex + py * ey) / (ex * ex + ey * ey || 1)));
  const dx = px - ex * along;
  const dy = py - ey * along;
  return dx * dx + dy * dy;
}

function boundsOf(points: readonly Point[]): [number, number, number, number] {
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function grow(bounds: readonly [number, number, number, number], by: number): [number, number, number, number] {
  return [bounds[0] - by, bounds[1] - by, bounds[2] + by, bounds[3] + by];
}
