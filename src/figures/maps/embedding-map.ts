import { UserError } from '../../checks/error.js';
import type { Figure, Layout, ScatterTrace } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { hoverPictures } from '../page/hover-pictures.js';
import { neutral, titled } from '../theme.js';
import { linkTrace } from './map-links.js';
import { mapPictures } from './map-pictures.js';
import { drawnText, groupTraces, type MapPoint, type MapStyle, scaleTraces, shapeKey } from './map-points.js';

export type { MapPoint } from './map-points.js';

export interface EmbeddingMapOptions {
  title: string;
  /** Scores of the layout from `layoutMap`, printed in the subtitle. Without them it says that the map is not finished. */
  trustworthiness?: number;
  overlap?: number;
  /** Number of embeddings on the map, from `layoutMap`. If the figure draws fewer, its subtitle says so. */
  count?: number;
  /** Rows that the layout was computed from, from `layoutMap`. With them, the subtitle says how the others were placed. */
  landmarks?: ArrayLike<number>;
  /** Draw lines between the points of each product. */
  links?: boolean;
  /** How many thumbnails the map itself shows at most. Default 0. */
  pictures?: number;
  /** Distances between kinds from `modalityGap`, printed in the subtitle. */
  gaps?: { between: [string, string]; distance: number }[];
}

/** Marker symbols that can be told apart at seven pixels; plotly has fewer in 3D. */
const symbols = {
  flat: ['circle', 'diamond', 'square', 'triangle-up', 'x', 'star', 'cross', 'triangle-down'],
  space: ['circle', 'diamond', 'square', 'x', 'cross'],
};

/** Maps with more points use WebGL, which pans smoothly, but a page can hold only a few such figures. */
const manyPoints = 3000;

/** A numeric field with more distinct values than this is coloured on a continuous scale. */
const maxColours = 7;

/**
 * A scatter plot of embeddings, in 2D, or in 3D if the points have a z. Colour shows the group or any other field, marker symbol the kind;
 * thumbnails appear on hover and on the map. The page adds a search box. The subtitle states the map's trustworthiness,
 * and how many of its points are drawn.
 * @throws UserError for more kinds than there are marker symbols
 */
export function embeddingMap(points: MapPoint[], options: EmbeddingMapOptions): Figure {
  const is3d = points.some(({ z }) => z !== undefined);
  const kinds = [...new Set(points.map((point) => point.kind))];
  const shapes = is3d ? symbols.space : symbols.flat;
  if (kinds.length > shapes.length) {
    throw new UserError(
      `embeddingMap: got ${kinds.length} kinds, expected at most ${shapes.length}, one per marker symbol.`,
    );
  }
  const { thumbnails, thumbnailIndex } = hoverPictures(points);
  const crowded = points.length > manyPoints;
  const style: MapStyle = { kinds, symbols: shapes, crowded, thumbnailIndex };
  const views = viewsOf(points, style);
  const links = options.links ? linkTrace(points, crowded) : undefined;
  const keys = kinds.length > 1 ? kinds.map((kind, at) => shapeKey(kind ?? 'other', shapes[at], is3d)) : [];
  const always = [...(links ? [links] : [])];
  const data = [
    ...always,
    ...views.flatMap(({ traces }, at) => traces.map((trace) => (at ? { ...trace, visible: false } : trace))),
    ...keys,
    searchTrace(is3d),
  ];
  const visible = (view: number) => [
    ...always.map(() => true),
    ...views.flatMap(({ traces }, at) => traces.map(() => at === view)),
    ...keys.map(() => true),
    true,
  ];
  return {
    data,
    layout: {
      ...titled(options.title, subtitleOf(points, options)),
      height: 560,
      ...axesOf(is3d),
      images: is3d ? [] : mapPictures(points, options.pictures ?? 0),
      hovermode: 'closest',
      showlegend: true,
      legend: { itemsizing: 'constant', traceorder: 'normal' },
      meta: {
        thumbnails,
        found: data.length - 1,
        ...(views.length > 1 ? { views: views.map(({ name }, at) => ({ name, visible: visible(at) })) } : {}),
      },
    },
  };
}

function subtitleOf(points: MapPoint[], options: EmbeddingMapOptions) {
  const { trustworthiness, overlap, count, landmarks, gaps = [] } = options;
  const scores =
    trustworthiness === undefined || overlap === undefined
      ? 'layout not finished, not scored yet'
      : `trustworthiness ${trustworthiness.toFixed(3)}, neighbour overlap ${overlap.toFixed(3)} (1 is best)`;
  const groups = new Set(points.map(({ group }) => group)).size;
  const gapTexts = gaps.map(({ between: [a, b], distance }) => `${a} to ${b} ${distance.toFixed(2)}`);
  const lines = [
    `n = ${drawnText(points.length, count)}, ${groups} groups; ${scores}`,
    ...(landmarks
      ? [
          `layout of ${landmarks.length} landmarks chosen at random; each other point at the mean of its nearest landmarks`,
        ]
      : []),
    ...(gapTexts.length ? [`gap between the means of kinds, from 0 to 2: ${gapTexts.join(', ')}`] : []),
  ];
  return lines.length > 1 ? lines : lines[0];
}

/** One colouring by group, then one by each field: on a continuous scale for numbers with many values. */
function viewsOf(points: MapPoint[], style: MapStyle): { name: string; traces: ScatterTrace[] }[] {
  const fields = [...new Set(points.flatMap(({ fields = {} }) => Object.keys(fields)))];
  return [
    { name: 'group', traces: groupTraces(points, ({ group }) => group, style) },
    ...fields.map((field) => {
      const values = points.map((point) => point.fields?.[field]);
      const scale = values.every(Number.isFinite) && new Set(values).size > maxColours;
      const nameOf = (point: MapPoint) => String(point.fields?.[field] ?? 'unknown');
      return { name: field, traces: scale ? scaleTraces(points, field, style) : groupTraces(points, nameOf, style) };
    }),
  ];
}

/** An empty trace of rings, which the search box fills. */
function searchTrace(is3d: boolean): ScatterTrace {
  return {
    type: is3d ? 'scatter3d' : 'scatter',
    mode: 'markers',
    x: [],
    y: [],
    ...(is3d ? { z: [] } : {}),
    text: [],
    hovertemplate: '%{text}<extra></extra>',
    marker: { color: neutral, symbol: 'circle-open', size: 13, line: { color: neutral, width: 2.5 } },
    showlegend: false,
  };
}

/** Camera position: far enough away that the axis titles are not cut off. */
const eye = { x: 1.55, y: 1.55, z: 1.05 };

function axesOf(is3d: boolean): Pick<Layout, 'xaxis' | 'yaxis' | 'scene'> {
  const axis = { showticklabels: false, showgrid: is3d, zeroline: false, showline: true };
  const named = (name: string) => ({ ...axis, title: { text: `map ${escapeText(name)} (no unit)` } });
  return is3d
    ? { scene: { xaxis: named('x'), yaxis: named('y'), zaxis: named('z'), aspectmode: 'data', camera: { eye } } }
    : { xaxis: named('x'), yaxis: { ...named('y'), scaleanchor: 'x' } };
}
