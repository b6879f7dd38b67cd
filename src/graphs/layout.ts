import type { Point } from '../datasets/shop/drawing/distance.js';
import type { RandomStream } from '../engine/random.js';
import type { Graph } from './graph.js';
import type { GraphNode } from './triples.js';

/** Side of a picture, and the radius of a node with its frame, in pixels. */
export const SIDE = 96;
export const RADIUS = 10;
/** Between the frames of two nodes at least, so that an edge and its arrow can be seen. */
const GAP = 8;
/** Between an edge and the frame of a node that is not its end. */
const CLEARANCE = 2;
/** Between the tip of an arrow and any other edge. */
const TIP = 5;

/** Where each node's middle is, in the order of the graph's nodes. */
export type Layout = readonly Point[];

const MOST_STARTS = 60;
const MOST_PLACES = 60;

/**
 * Place the nodes at random, one after the other, without overlaps and so that no edge crosses the frame of another node or the tip
 * of another arrow.
 * @param bend of edges, see `edgePath`
 * @returns undefined where no such layout was found
 */
export function layoutGraph({ nodes, triples }: Graph, bend: number, stream: RandomStream): Layout | undefined {
  const rowOf = new Map(nodes.map((node, row) => [node, row]));
  const edges = triples.map(({ head, tail }): [number, number] => [rowOf.get(head)!, rowOf.get(tail)!]);
  starts: for (let start = 0; start < MOST_STARTS; start++) {
    const places: Point[] = [];
    while (places.length < nodes.length) {
      const row = places.length;
      const known = edges.filter(([a, b]) => a <= row && b <= row);
      const fits = (place: Point) =>
        places.every((other) => apart(other, place) >= 2 * RADIUS + GAP) && isClear([...places, place], known, bend);
      const place = Array.from({ length: MOST_PLACES }, () => randomPlace(stream)).find(fits);
      if (!place) continue starts;
      places.push(place);
    }
    return places;
  }
  return undefined;
}

/** Points of an edge from frame to frame: straight for a bend of 0, else an arc that leaves the straight line by so much of its length. */
export function edgePath([x1, y1]: Point, [x2, y2]: Point, bend: number): Point[] {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const steps = 24;
  return Array.from({ length: steps + 1 }, (_, step): Point => {
    const t = step / steps;
    const out = 4 * bend * t * (1 - t);
    return [x1 + t * dx - out * dy, y1 + t * dy + out * dx];
  }).filter((point) => apart(point, [x1, y1]) >= RADIUS && apart(point, [x2, y2]) >= RADIUS);
}

/** Where a node of a layout is. */
export const placeOf = ({ nodes }: Graph, layout: Layout, node: GraphNode): Point => layout[nodes.indexOf(node)];

function isClear(places: readonly Point[], edges: readonly (readonly [number, number])[], bend: number): boolean {
  const paths = edges.map(([from, to]) => edgePath(places[from], places[to], bend));
  const far = (path: readonly Point[], from: Point, by: number) => path.every((point) => apart(point, from) >= by);
  return edges.every(
    ([from, to], edge) =>
      places.every((place, row) => row === from || row === to || far(paths[edge], place, RADIUS + CLEARANCE)) &&
      paths.every((path, other) => other === edge || far(path, paths[edge][paths[edge].length - 1], TIP)),
  );
}

const randomPlace = (stream: RandomStream): Point => {
  const along = () => RADIUS + 2 + stream.uniform() * (SIDE - 2 * RADIUS - 4);
  return [along(), along()];
};

export const apart = ([x1, y1]: Point, [x2, y2]: Point) => Math.hypot(x1 - x2, y1 - y2);
