import { groupBy } from '../../data/group-by.js';
import type { ScatterTrace } from '../figure.js';
import { escapeLines, escapeText, showsWhole } from '../page/escape.js';
import type { HoverPictures } from '../page/hover-pictures.js';
import { neutral, palette, sequential } from '../theme.js';

/** One embedding on a map. */
export interface MapPoint {
  x: number;
  y: number;
  /** On a map in space. */
  z?: number;
  /** Shown on hover, and searched. */
  label: string;
  /** Gives the colour. */
  group: string;
  /** Gives the shape: what the embedding was made of (photo, text, product) or its role (query, item). */
  kind?: string;
  /** What else can give the colour, by name: text one a group, numbers on a scale. */
  fields?: Record<string, string | number>;
  /** Points of the same product can be joined by a line. */
  product?: string;
  /** A small image as a data URI (png, jpeg, webp, gif or avif in base64): shown on hover. */
  thumbnail?: string;
}

/** What all traces of a map share. */
export interface MapLook {
  /** A kind's shape; one kind alone has all shapes for its groups. */
  kinds: (string | undefined)[];
  symbols: readonly string[];
  /** Markers drawn by WebGL, small and pale: depth shows where many points share a place. */
  crowded: boolean;
  /** Place of a point's thumbnail, see `hoverPictures`. */
  placeOf: HoverPictures<MapPoint>['placeOf'];
}

/** Without kinds the colours go round three times, each time in another shape; the smallest groups beyond share one grey entry. */
const legendRounds = 3;

/** Traces coloured by a name of each point: the largest groups first, a legend entry each. */
export function groupTraces(points: readonly MapPoint[], nameOf: (point: MapPoint) => string, look: MapLook) {
  const byName = groupBy(points, nameOf);
  const names = [...byName.keys()].sort(
    (a, b) => byName.get(b)!.length - byName.get(a)!.length || a.localeCompare(b, 'en', { numeric: true }),
  );
  const rounds = look.kinds.length > 1 ? 1 : legendRounds; // a shape stands for one thing only
  const room = palette.length * rounds;
  const own = names.length > room ? names.slice(0, room - 1) : names;
  const rest = names.slice(own.length).flatMap((name) => byName.get(name)!);
  return [
    ...(rest.length ? entry(`${names.length - own.length} smaller groups`, rest, neutral, 0, look) : []),
    ...own.flatMap((name, at) =>
      entry(name, byName.get(name)!, palette[at % palette.length], Math.floor(at / palette.length), look),
    ),
  ];
}

/** One trace a kind; the legend has the group once, in its first kind's shape. */
function entry(name: string, points: MapPoint[], colour: string, round: number, look: MapLook): ScatterTrace[] {
  return kindTraces(points, look, round).map((trace, at) => ({
    ...trace,
    marker: { ...trace.marker, color: colour },
    name: `${escapeText(name)} (${points.length})`,
    legendgroup: escapeText(name),
    showlegend: at === 0,
  }));
}

/** Traces coloured by a number of each point, on one scale. */
export function scaleTraces(points: readonly MapPoint[], field: string, look: MapLook): ScatterTrace[] {
  const values = new Map(points.map((point) => [point, point.fields?.[field] as number]));
  const cmin = [...values.values()].reduce((min, value) => Math.min(min, value), Infinity);
  const cmax = [...values.values()].reduce((max, value) => Math.max(max, value), -Infinity);
  return kindTraces(points, look, 0).map((trace, at) => ({
    ...trace,
    marker: {
      ...trace.marker,
      color: ofKind(points, look.kinds[at]).map((point) => values.get(point) as number),
      colorscale: sequential,
      cmin,
      cmax,
      ...(at === 0
        ? { colorbar: { title: { text: escapeText(field), side: 'right' as const }, thickness: 14, len: 0.6 } }
        : {}),
    },
    name: escapeText(field),
    showlegend: false,
  }));
}

function ofKind(points: readonly MapPoint[], kind: string | undefined): MapPoint[] {
  return points.filter((point) => point.kind === kind);
}

function kindTraces(points: readonly MapPoint[], look: MapLook, round: number): ScatterTrace[] {
  return look.kinds
    .map((kind, at) => ({ own: ofKind(points, kind), symbol: look.symbols[round + at] }))
    .filter(({ own }) => own.length)
    .map(({ own, symbol }) => trace(own, symbol, look));
}

function trace(points: MapPoint[], symbol: string, { crowded, placeOf }: MapLook): ScatterTrace {
  const deep = points[0].z !== undefined;
  return {
    type: deep ? 'scatter3d' : crowded ? 'scattergl' : 'scatter',
    mode: 'markers',
    x: points.map((point) => point.x),
    y: points.map((point) => point.y),
    ...(deep ? { z: points.map((point) => point.z as number) } : {}),
    text: points.map(hoverText),
    ...searched(points),
    hovertemplate: '%{text}<extra></extra>',
    customdata: points.map(placeOf),
    marker: { symbol, size: deep || crowded ? 4 : 7 },
    opacity: crowded ? 0.6 : 0.85,
  };
}

/** Labels that the hover cuts, for the search box; of the others it has the text already. */
function searched(points: MapPoint[]): Pick<ScatterTrace, 'meta'> {
  const search = points.map(({ label }) => (showsWhole(label) ? '' : label));
  return search.some(Boolean) ? { meta: { search } } : {};
}

function hoverText({ label, group, kind }: MapPoint): string {
  return `${escapeLines(label)}<br><i>${escapeText(kind ? `${group}, ${kind}` : group)}</i>`;
}

/** A legend entry that says what a shape stands for. */
export function shapeKey(kind: string, symbol: string, deep: boolean): ScatterTrace {
  const line = { color: neutral, width: 1.5 };
  return {
    type: deep ? 'scatter3d' : 'scatter',
    mode: 'markers',
    name: escapeText(kind),
    x: [null],
    y: [null],
    ...(deep ? { z: [null] } : {}),
    marker: { color: deep ? neutral : 'rgba(0,0,0,0)', symbol, size: 7, line },
    hoverinfo: 'skip',
  };
}
