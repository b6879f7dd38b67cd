import { expect, test } from 'vitest';
import { drawGraph, graphStyles, looks, type StyleName } from '../../src/graphs/draw.js';
import { apart, edgePath, placeOf, RADIUS, SIDE } from '../../src/graphs/layout.js';
import { someQuestions } from './some-graphs.js';

const styles = Object.keys(graphStyles) as StyleName[];
const drawn = someQuestions.slice(0, 80).flatMap(({ graph, layouts }) =>
  styles.map((name) => {
    const [style, layout] = [graphStyles[name], layouts[name]];
    return { name, graph, style, layout, raster: drawGraph(graph, layout, style) };
  }),
);

test('nodes lie in the picture and apart from each other, and no edge crosses the frame of another node', () => {
  for (const { graph, layout, style } of drawn) {
    for (const [row, place] of layout.entries()) {
      for (const at of place) expect(at >= RADIUS && at <= SIDE - RADIUS).toBe(true);
      for (const other of layout.slice(row + 1)) expect(apart(place, other)).toBeGreaterThanOrEqual(2 * RADIUS);
    }
    for (const { head, tail } of graph.triples) {
      const path = edgePath(placeOf(graph, layout, head), placeOf(graph, layout, tail), style.bend);
      expect(path.length).toBeGreaterThan(1);
      for (const [row, node] of graph.nodes.entries())
        if (node !== head && node !== tail)
          for (const point of path) expect(apart(point, layout[row])).toBeGreaterThan(RADIUS);
    }
  }
});

test('the colour of a relation is found along its edges, most at the arrow, and the ground of a style in the corners', () => {
  for (const { graph, layout, style, raster } of drawn) {
    const near = ([x, y]: readonly number[], [red, green, blue]: readonly number[]) => {
      const at = (Math.floor(y) * SIDE + Math.floor(x)) * 3;
      return [red, green, blue].every((value, channel) => Math.abs(raster.data[at + channel] - value) <= 60);
    };
    for (const { head, relation, tail } of graph.triples) {
      const path = edgePath(placeOf(graph, layout, head), placeOf(graph, layout, tail), style.bend);
      const share = path.filter((point) => near(point, looks[relation].colour)).length / path.length;
      // Dashes leave out up to a half, and a later edge may cross.
      expect(share, relation).toBeGreaterThan(0.35);
      const arrow = path.filter((point) => apart(point, path[path.length - 1]) < 5);
      expect(arrow.some((point) => near(point, looks[relation].colour))).toBe(true);
    }
    expect(near([0, 0], style.ground)).toBe(true);
  }
});

test('a drawing is the same each time, and differs by style', () => {
  const [first, second] = drawn;
  expect(drawGraph(first.graph, first.layout, first.style).data).toEqual(first.raster.data);
  expect(second.raster.data).not.toEqual(first.raster.data);
});
