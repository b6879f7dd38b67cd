import { groupBy } from '../../data/group-by.js';
import type { Axis, Figure, ScatterTrace } from '../figure.js';
import { escapeLines, escapeText } from '../page/escape.js';
import { type HoverPictures, hoverPictures } from '../page/hover-pictures.js';
import { neutral, palette, titled } from '../theme.js';
import { drawnText } from './map-points.js';

/** A product on two maps. */
export interface ComparedPoint {
  label: string;
  /** Sets the colour. */
  group: string;
  /** Coordinates on the first map, and on the second map after alignment (`alignMaps`). */
  before: [x: number, y: number];
  after: [x: number, y: number];
  /** Distance between the two, in radii of the map. */
  moved: number;
  /** Fraction of its nearest neighbours that both models agree on (`keptNeighbours`), measured on the embeddings and not on the maps. */
  kept?: number;
  thumbnail?: string;
}

export interface MapComparisonOptions {
  title?: string;
  /** Names of the two models. */
  names: [before: string, after: string];
  /** Number of items that the points were chosen from. Default the number of points. */
  count?: number;
  /** From `alignMaps`. */
  disparity: number;
  /** Of the two layouts, from `layoutMap`. */
  trustworthiness: [number, number];
  /** How many of the points that moved most are numbered; only one of a cluster that moved together. Default 8. */
  max?: number;
}

/** Two maps side by side on the same scale. The points that moved most are ringed and numbered on both. */
export function mapComparison(points: ComparedPoint[], options: MapComparisonOptions): Figure {
  const { title = 'Two models, one catalogue', names, disparity, trustworthiness, max = 8 } = options;
  const { thumbnails, thumbnailIndex } = hoverPictures(points);
  const movers = spacedMovers(points).slice(0, max);
  const groups = [...groupBy(points, ({ group }) => group)].sort(([, a], [, b]) => b.length - a.length);
  const shown = groups.slice(0, palette.length);
  const rest = groups.slice(palette.length).flatMap(([, own]) => own);
  const coloured: [string, string, ComparedPoint[]][] = shown.map(([name, own], at) => [name, palette[at], own]);
  if (rest.length) coloured.unshift([`${groups.length - shown.length} smaller groups`, neutral, rest]);
  const kept = points.flatMap((point) => point.kept ?? []);
  return {
    data: [
      ...coloured.flatMap(([name, colour, own]) =>
        (['before', 'after'] as const).map((side) => cloud(own, side, name, colour, thumbnailIndex)),
      ),
      ...movers.flatMap((point, at) => (['before', 'after'] as const).map((side) => ring(point, side, at + 1))),
    ],
    layout: {
      ...titled(title, [
        `n = ${drawnText(points.length, options.count)}; trustworthiness ${trustworthiness.map((one) => one.toFixed(3)).join(' and ')}; disparity after alignment ${disparity.toFixed(2)} (0: the same map)`,
        `rings: the points that moved most${kept.length ? `; both models share ${meanPercent(kept)}% of nearest neighbours` : ''}`,
      ]),
      height: 660,
      xaxis: { ...axis(names[0], points, 0), domain: [0, 0.485] },
      yaxis: { ...axis('y (no unit)', points, 1), scaleanchor: 'x' },
      xaxis2: { ...axis(names[1], points, 0), domain: [0.515, 1], anchor: 'y2' },
      yaxis2: { ...axis('', points, 1), scaleanchor: 'x2', anchor: 'x2' },
      hovermode: 'closest',
      showlegend: true,
      // Below the maps: on the right, its long names would take their space.
      legend: { itemsizing: 'constant', traceorder: 'normal', orientation: 'h', x: 0, y: -0.1, yanchor: 'top' },
      meta: { thumbnails },
    },
  };
}

/** Points by distance moved, longest first, without those whose number would overlap an earlier one on either map. */
function spacedMovers(points: ComparedPoint[]): ComparedPoint[] {
  const chosen: ComparedPoint[] = [];
  const sides = ['before', 'after'] as const;
  // Both maps and both axes have the same scale.
  const extents = [0, 1].map((at) => extent(points.flatMap((point) => sides.map((side) => point[side][at]))));
  const spacing = 0.09 * Math.max(...extents.map(({ min, max }) => max - min));
  for (const point of points.toSorted((a, b) => b.moved - a.moved)) {
    const crowded = chosen.some((other) =>
      sides.some((side) => [0, 1].every((at) => Math.abs(point[side][at] - other[side][at]) < spacing)),
    );
    if (!crowded) chosen.push(point);
  }
  return chosen;
}

function extent(values: number[]): { min: number; max: number } {
  return {
    min: values.reduce((min, one) => Math.min(min, one), Infinity),
    max: values.reduce((max, one) => Math.max(max, one), -Infinity),
  };
}

function meanPercent(fractions: number[]): string {
  return ((100 * fractions.reduce((sum, one) => sum + one, 0)) / fractions.length).toFixed(0);
}

const axesOf = { before: { xaxis: 'x', yaxis: 'y' }, after: { xaxis: 'x2', yaxis: 'y2' } } as const;

function cloud(
  points: ComparedPoint[],
  side: 'before' | 'after',
  name: string,
  color: string,
  thumbnailIndex: HoverPictures<ComparedPoint>['thumbnailIndex'],
): ScatterTrace {
  return {
    type: 'scatter',
    mode: 'markers',
    ...axesOf[side],
    name: `${escapeText(name)} (${points.length})`,
    legendgroup: escapeText(name),
    showlegend: side === 'before',
    x: points.map((point) => point[side][0]),
    y: points.map((point) => point[side][1]),
    text: points.map(({ label, group, moved, kept }) => {
      const change = `moved ${moved.toFixed(2)} radii${kept === undefined ? '' : `, keeps ${(100 * kept).toFixed(0)}% of its neighbours`}`;
      return `${escapeLines(label)}<br><i>${escapeText(group)}</i><br>${change}`;
    }),
    hovertemplate: '%{text}<extra></extra>',
    customdata: points.map(thumbnailIndex),
    marker: { color, symbol: 'circle', size: 6 },
    opacity: 0.6,
  };
}

/** The ring and number of a point on one map; its label is in the legend once. */
function ring(point: ComparedPoint, side: 'before' | 'after', number: number): ScatterTrace {
  return {
    type: 'scatter',
    mode: 'markers+text',
    ...axesOf[side],
    name: `${number}: ${escapeText(shortened(point.label))} (${point.moved.toFixed(2)} radii)`,
    legendgroup: `mover ${number}`,
    showlegend: side === 'before',
    x: [point[side][0]],
    y: [point[side][1]],
    text: [`<b>${number}</b>`],
    textposition: 'top center',
    textfont: { size: 13 },
    marker: { color: 'rgba(0,0,0,0)', symbol: 'circle', size: 14, line: { color: neutral, width: 2.5 } },
    hoverinfo: 'skip',
  };
}

function shortened(label: string): string {
  return label.length > 24 ? `${label.slice(0, 23)}…` : label;
}

function axis(name: string, points: ComparedPoint[], at: 0 | 1): Axis {
  const { min, max } = extent(points.flatMap(({ before, after }) => [before[at], after[at]]));
  const padding = 0.06 * (max - min || 1);
  return {
    showticklabels: false,
    showgrid: false,
    zeroline: false,
    showline: true,
    range: [min - padding, max + padding],
    title: { text: escapeText(name) },
  };
}
