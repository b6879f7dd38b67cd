import { groupBy } from '../../data/group-by.js';
import type { ScatterTrace } from '../figure.js';
import { escapeLines, escapeText, showsWhole } from '../page/escape.js';
import type { HoverPictures } from '../page/hover-pictures.js';
import { neutral, palette, sequential } from '../theme.js';

/** One embedding on a map. */
export interface MapPoint {
  x: number;
  y: number;
  /** Set on a 3D map. */
  z?: number;
  /** Shown on hover and searched by the search box. */
  label: string;
  /** Sets the colour. */
  group: string;
  /** Sets the marker symbol: what was embedded (photo, text, product) or its role (query, item). */
  kind?: string;
  /** Other values that can set the colour, by name. Text gives one colour per value, numbers a continuous scale. */
  fields?: Record<string, string | number>;
  /** Lines can connect the points of one product. */
  product?: string;
  /** A small image, shown on hover: a data URI with base64 of a png, jpeg, webp, gif or avif. */
  thumbnail?: string;
}

/** How all traces of a map are drawn. */
export interface MapStyle {
  /** Kind `i` has symbol `i`. If there is only one kind, its groups use all symbols. */
  kinds: (string | undefined)[];
  symbols: readonly string[];
  /** Draw small, translucent markers with WebGL: darker areas show where many points overlap. */
  crowded: boolean;
  /** Index of a point's thumbnail, see `hoverPictures`. */
  thumbnailIndex: HoverPictures<MapPoint>['thumbnailIndex'];
}

/** With one kind, the palette is used three times, each time with another symbol. The smallest remaining groups share one grey legend entry. */
const legendRounds = 3;

/** Traces coloured by `nameOf`, with one legend entry per group, largest first. */
export function groupTraces(points: readonly MapPoint[], nameOf: (point: MapPoint) => string, style: MapStyle) {
  const byName = groupBy(points, nameOf);
  const names = [...byName.keys()].sort(
    (a, b) => byName.get(b)!.length - byName.get(a)!.length || a.localeCompare(b, 'en', { numeric: true }),
  );
  const rounds = style.kinds.length > 1 ? 1 : legendRounds; // with several kinds, the symbol already shows the kind
  const room = palette.length * rounds;
  const own = names.length > room ? names.slice(0, room - 1) : names;
  const rest = names.slice(own.length).flatMap((name) => byName.get(name)!);
  return [
    ...(rest.length ? entry(`${names.length - own.length} smaller groups`, rest, neutral, 0, style) : []),
    ...own.flatMap((name, at) =>
      entry(name, byName.get(name)!, palette[at % palette.length], Math.floor(at / palette.length), style),
    ),
  ];
}

/** One trace per kind. The group appears in the legend once, with the symbol of its first kind. */
function entry(name: string, points: MapPoint[], colour: string, round: number, style: MapStyle): ScatterTrace[] {
  return kindTraces(points, style, round).map((trace, at) => ({
    ...trace,
    marker: { ...trace.marker, color: colour },
    name: `${escapeText(name)} (${points.length})`,
    legendgroup: escapeText(name),
    showlegend: at === 0,
  }));
}

/** Traces coloured by a numeric field, on one continuous scale. */
export function scaleTraces(points: readonly MapPoint[], field: string, style: MapStyle): ScatterTrace[] {
  const values = new Map(points.map((point) => [point, point.fields?.[field] as number]));
  const cmin = [...values.values()].reduce((min, value) => Math.min(min, value), Infinity);
  const cmax = [...values.values()].reduce((max, value) => Math.max(max, value), -Infinity);
  return kindTraces(points, style, 0).map((trace, at) => ({
    ...trace,
    marker: {
      ...trace.marker,
      color: ofKind(points, style.kinds[at]).map((point) => values.get(point) as number),
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

function kindTraces(points: readonly MapPoint[], style: MapStyle, round: number): ScatterTrace[] {
  return style.kinds
    .map((kind, at) => ({ own: ofKind(points, kind), symbol: style.symbols[round + at] }))
    .filter(({ own }) => own.length)
    .map(({ own, symbol }) => trace(own, symbol, style));
}

function trace(points: MapPoint[], symbol: string, { crowded, thumbnailIndex }: MapStyle): ScatterTrace {
  const is3d = points[0].z !== undefined;
  return {
    type: is3d ? 'scatter3d' : crowded ? 'scattergl' : 'scatter',
    mode: 'markers',
    x: points.map((point) => point.x),
    y: points.map((point) => point.y),
    ...(is3d ? { z: points.map((point) => point.z as number) } : {}),
    text: points.map(hoverText),
    ...truncatedLabels(points),
    hovertemplate: '%{text}<extra></extra>',
    customdata: points.map(thumbnailIndex),
    marker: { symbol, size: is3d || crowded ? 4 : 7 },
    opacity: crowded ? 0.6 : 0.85,
  };
}

/** Labels that the hover text truncates, for the search box; it searches the hover text anyway. */
function truncatedLabels(points: MapPoint[]): Pick<ScatterTrace, 'meta'> {
  const search = points.map(({ label }) => (showsWhole(label) ? '' : label));
  return search.some(Boolean) ? { meta: { search } } : {};
}

function hoverText({ label, group, kind }: MapPoint): string {
  return `${escapeLines(label)}<br><i>${escapeText(kind ? `${group}, ${kind}` : group)}</i>`;
}

/** How many points a map draws, of how many. */
export function drawnText(drawn: number, count = drawn): string {
  return drawn === count ? `${drawn} points` : `${drawn} of ${count} points`;
}

/** A legend entry that explains a marker symbol. */
export function shapeKey(kind: string, symbol: string, is3d: boolean): ScatterTrace {
  const line = { color: neutral, width: 1.5 };
  return {
    type: is3d ? 'scatter3d' : 'scatter',
    mode: 'markers',
    name: escapeText(kind),
    x: [null],
    y: [null],
    ...(is3d ? { z: [null] } : {}),
    marker: { color: is3d ? neutral : 'rgba(0,0,0,0)', symbol, size: 7, line },
    hoverinfo: 'skip',
  };
}
