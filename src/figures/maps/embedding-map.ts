import { UserError } from '../../checks/error.js';
import type { Figure, Layout, ScatterTrace } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { hoverPictures } from '../page/hover-pictures.js';
import { neutral, titled } from '../theme.js';
import { linkTrace } from './map-links.js';
import { mapPictures } from './map-pictures.js';
import { groupTraces, type MapLook, type MapPoint, scaleTraces, shapeKey } from './map-points.js';

export type { MapPoint } from './map-points.js';

export interface EmbeddingMapOptions {
  title: string;
  /** Of the layout, see `layoutMap`: printed on the figure. Without them it says that the map is not finished. */
  trustworthiness?: number;
  overlap?: number;
  /** Join the points of each product. */
  links?: boolean;
  /** Thumbnails on the map itself, at most so many. 0. */
  pictures?: number;
  /** How far kinds are apart, see `modalityGap`: printed on the figure. */
  gaps?: { between: [string, string]; distance: number }[];
}

/** Shapes that differ at seven pixels; in space plotly has fewer. */
const symbols = {
  flat: ['circle', 'diamond', 'square', 'triangle-up', 'x', 'star', 'cross', 'triangle-down'],
  deep: ['circle', 'diamond', 'square', 'x', 'cross'],
};

/** More points than this are drawn by WebGL, which pans smoothly but allows only a few figures a page. */
const manyPoints = 3000;

/** More values than this are a scale where they are numbers. */
const fewValues = 7;

/**
 * An embedding map, flat or, where the points have a z, in space: colour by group or any other field, shape by kind, thumbnails on hover
 * and on the map, a search box, and its own trustworthiness in the subtitle.
 */
export function embeddingMap(points: MapPoint[], options: EmbeddingMapOptions): Figure {
  const deep = points.some(({ z }) => z !== undefined);
  const kinds = [...new Set(points.map((point) => point.kind))];
  const shapes = deep ? symbols.deep : symbols.flat;
  if (kinds.length > shapes.length) {
    throw new UserError(`embeddingMap: got ${kinds.length} kinds, expected at most ${shapes.length}, one a shape.`);
  }
  const { thumbnails, placeOf } = hoverPictures(points);
  const crowded = points.length > manyPoints;
  const look: MapLook = { kinds, symbols: shapes, crowded, placeOf };
  const views = viewsOf(points, look);
  const links = options.links ? linkTrace(points, crowded) : undefined;
  const keys = kinds.length > 1 ? kinds.map((kind, at) => shapeKey(kind ?? 'other', shapes[at], deep)) : [];
  const always = [...(links ? [links] : [])];
  const data = [
    ...always,
    ...views.flatMap(({ traces }, at) => traces.map((trace) => (at ? { ...trace, visible: false } : trace))),
    ...keys,
    foundTrace(deep),
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
      ...axesOf(deep),
      images: deep ? [] : mapPictures(points, options.pictures ?? 0),
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

function subtitleOf(points: MapPoint[], { trustworthiness, overlap, gaps = [] }: EmbeddingMapOptions) {
  const judged =
    trustworthiness === undefined || overlap === undefined
      ? 'not finished, not judged yet'
      : `trustworthiness ${trustworthiness.toFixed(3)}, neighbour overlap ${overlap.toFixed(3)} (1 is best)`;
  const groups = new Set(points.map(({ group }) => group)).size;
  const apart = gaps.map(({ between: [a, b], distance }) => `${a} to ${b} ${distance.toFixed(2)}`);
  const first = `n = ${points.length} points, ${groups} groups; ${judged}`;
  return apart.length ? [first, `gap between the means of kinds, from 0 to 2: ${apart.join(', ')}`] : first;
}

/** The group first, then every field: as a scale where it is a number with more than a few values. */
function viewsOf(points: MapPoint[], look: MapLook): { name: string; traces: ScatterTrace[] }[] {
  const fields = [...new Set(points.flatMap(({ fields = {} }) => Object.keys(fields)))];
  return [
    { name: 'group', traces: groupTraces(points, ({ group }) => group, look) },
    ...fields.map((field) => {
      const values = points.map((point) => point.fields?.[field]);
      const scale = values.every(Number.isFinite) && new Set(values).size > fewValues;
      const nameOf = (point: MapPoint) => String(point.fields?.[field] ?? 'not known');
      return { name: field, traces: scale ? scaleTraces(points, field, look) : groupTraces(points, nameOf, look) };
    }),
  ];
}

/** Rings that wait for a search. */
function foundTrace(deep: boolean): ScatterTrace {
  return {
    type: deep ? 'scatter3d' : 'scatter',
    mode: 'markers',
    x: [],
    y: [],
    ...(deep ? { z: [] } : {}),
    text: [],
    hovertemplate: '%{text}<extra></extra>',
    marker: { color: neutral, symbol: 'circle-open', size: 13, line: { color: neutral, width: 2.5 } },
    showlegend: false,
  };
}

/** Far enough for the names of the axes to be seen whole. */
const eye = { x: 1.55, y: 1.55, z: 1.05 };

function axesOf(deep: boolean): Pick<Layout, 'xaxis' | 'yaxis' | 'scene'> {
  const axis = { showticklabels: false, showgrid: deep, zeroline: false, showline: true };
  const named = (name: string) => ({ ...axis, title: { text: `map ${escapeText(name)} (no unit)` } });
  return deep
    ? { scene: { xaxis: named('x'), yaxis: named('y'), zaxis: named('z'), aspectmode: 'data', camera: { eye } } }
    : { xaxis: named('x'), yaxis: { ...named('y'), scaleanchor: 'x' } };
}
