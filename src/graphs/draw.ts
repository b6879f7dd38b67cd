import type { Raster } from '../data/types.js';
import {
  circle,
  type Point,
  polygon,
  rectangle,
  type Solid,
  stroke,
  union,
} from '../datasets/shop/drawing/distance.js';
import { type Colour, colourOf, drawField, drawProduct } from '../datasets/shop/drawing/draw.js';
import { sampleField } from '../datasets/shop/drawing/mould.js';
import type { Graph } from './graph.js';
import { apart, edgePath, type Layout, placeOf, RADIUS, SIDE } from './layout.js';
import type { GraphNode, Relation } from './triples.js';

/** How a graph is drawn, apart from what its relations look like. */
export interface GraphStyle {
  ground: Colour;
  frame: 'round' | 'square';
  /** Colour of frames, and of what is within. */
  line: Colour;
  fill: Colour;
  /** Of edges, see `edgePath`. */
  bend: number;
  /** Of edges, in pixels. */
  width: number;
}

/** The first style is that of training; the second is for tests alone. */
export const graphStyles: Readonly<Record<'plain' | 'curved', GraphStyle>> = {
  plain: {
    ground: [255, 255, 255],
    frame: 'round',
    line: [150, 150, 150],
    fill: [255, 255, 255],
    bend: 0,
    width: 2.6,
  },
  curved: {
    ground: [238, 230, 208],
    frame: 'square',
    line: [96, 84, 70],
    fill: [250, 247, 238],
    bend: 0.16,
    width: 2,
  },
};
export type StyleName = keyof typeof graphStyles;

/** Colour of a relation's edges, and the pixels that are drawn and left out in turn. Both styles have the same. */
export const looks: Readonly<Record<Relation, { colour: Colour; dash?: readonly [on: number, off: number] }>> = {
  replaces: { colour: [20, 20, 20] },
  'goes with': { colour: [0, 160, 70], dash: [5, 3] },
  'larger than': { colour: [240, 120, 0] },
  'made like': { colour: [20, 90, 240], dash: [2.5, 2.5] },
  'has colour': { colour: [220, 0, 190] },
};

/** Draw the edges, each with an arrow at its tail, and over them the nodes. */
export function drawGraph(graph: Graph, layout: Layout, style: GraphStyle): Raster {
  const raster: Raster = { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE * 3) };
  for (let at = 0; at < raster.data.length; at++) raster.data[at] = style.ground[at % 3];
  for (const { head, relation, tail } of graph.triples) {
    const path = edgePath(placeOf(graph, layout, head), placeOf(graph, layout, tail), style.bend);
    const { colour, dash } = looks[relation];
    const ends = path.slice(0, -2); // The arrow's tip is no wider than the line.
    paint(raster, union(...dashes(ends, dash).map((part) => stroke(part, style.width))), colour);
    paint(raster, arrow(path), colour);
  }
  for (const [row, node] of graph.nodes.entries()) drawNode(raster, node, layout[row], style);
  return raster;
}

function drawNode(raster: Raster, node: GraphNode, [x, y]: Point, { frame, line, fill }: GraphStyle): void {
  if (node.kind === 'value') {
    paint(raster, circle(x, y, 7), line);
    paint(raster, circle(x, y, 6), colourOf[node.name]);
    return;
  }
  const framed = (radius: number) =>
    frame === 'round' ? circle(x, y, radius) : rectangle(x - radius, y - radius, x + radius, y + radius, 2);
  const outer = frame === 'round' ? RADIUS : RADIUS - 1;
  paint(raster, framed(outer), line);
  paint(raster, framed(outer - 1), fill);
  drawProduct(raster, node.facts, { x, y, scale: RADIUS - 1, turn: 0, mirror: false, narrow: 1 });
}

/** A triangle at the end of a path. */
function arrow(path: readonly Point[]): Solid {
  const tip = path[path.length - 1];
  const [x, y] = path.find((point) => apart(point, tip) <= 7) ?? path[0];
  const length = apart(tip, [x, y]) || 1;
  const [dx, dy] = [(tip[0] - x) / length, (tip[1] - y) / length];
  const back: Point = [tip[0] - 6.5 * dx, tip[1] - 6.5 * dy];
  return polygon([tip, [back[0] - 3.8 * dy, back[1] + 3.8 * dx], [back[0] + 3.8 * dy, back[1] - 3.8 * dx]]);
}

/** Parts of a path that are drawn: points half a pixel apart, cut by the dash. */
function dashes(path: readonly Point[], dash: readonly [number, number] | undefined): Point[][] {
  if (!dash) return [[...path]];
  const parts: Point[][] = [];
  let [walked, last] = [0, -1];
  for (let at = 1; at < path.length; at++) {
    const [[x1, y1], [x2, y2]] = [path[at - 1], path[at]];
    const steps = Math.ceil(2 * apart(path[at - 1], path[at]));
    for (let step = 0; step < steps; step++, walked += 0.5) {
      const period = Math.floor(walked / (dash[0] + dash[1]));
      if (walked - period * (dash[0] + dash[1]) > dash[0]) continue;
      if (period !== last) parts.push([]);
      last = period;
      parts[parts.length - 1].push([x1 + (step / steps) * (x2 - x1), y1 + (step / steps) * (y2 - y1)]);
    }
  }
  // A stroke needs two points.
  return parts.map((part) => (part.length > 1 ? [part[0], part[part.length - 1]] : [part[0], part[0]]));
}

/** Fill a solid given in pixels. The fields of the shop's drawing are finest in units of some pixels. */
function paint(raster: Raster, solid: Solid, colour: Colour): void {
  const scale = 24;
  const [x1, y1, x2, y2] = solid.bounds.map((edge) => edge / scale);
  const field = sampleField({
    distance: (x, y) => solid.distance(x * scale, y * scale) / scale,
    bounds: [x1, y1, x2, y2],
  });
  const fill = { colour, ink: colour, pattern: null, material: null, opacity: 1, rim: 0 };
  drawField(raster, field, { x: 0, y: 0, scale, turn: 0, mirror: false, narrow: 1 }, fill);
}
