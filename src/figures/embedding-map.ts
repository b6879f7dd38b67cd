import { UserError } from '../engine/check.js';
import { escapeLines, escapeText, imageUri } from './escape.js';
import type { Figure, ScatterTrace } from './figure.js';
import { neutral, palette, titled } from './theme.js';

export interface MapPoint {
  x: number;
  y: number;
  /** Shown on hover. */
  label: string;
  /** Gives the colour. */
  group: string;
  /** Gives the shape: what the embedding was made of (photo, text, product) or its role (query, item). */
  kind?: string;
  /** A small image as a data URI (png, jpeg, webp, gif or avif in base64): shown on hover. */
  thumbnail?: string;
}

export interface EmbeddingMapOptions {
  title: string;
  /** Of the layout, see `layoutMap`: printed on the figure. */
  trustworthiness: number;
  overlap: number;
}

/** Shapes that differ at seven pixels. */
const symbols = ['circle', 'diamond', 'square', 'triangle-up', 'x', 'star', 'cross', 'triangle-down'];

/** Without kinds the colours go round three times, each time in another shape; the smallest groups beyond share one grey entry. */
const legendRounds = 3;

/** More points than this are drawn by WebGL, which pans smoothly but allows only a few figures a page. */
const manyPoints = 3000;

/** A 2-D embedding map: colour by group, shape by kind, thumbnails on hover, its own trustworthiness in the subtitle. */
export function embeddingMap(points: MapPoint[], options: EmbeddingMapOptions): Figure {
  const { title, trustworthiness, overlap } = options;
  const groups = bySize(points.map((point) => point.group));
  const kinds = [...new Set(points.map((point) => point.kind))];
  if (kinds.length > symbols.length) {
    throw new UserError(`embeddingMap: got ${kinds.length} kinds, expected at most ${symbols.length}, one a shape.`);
  }
  const rounds = kinds.length > 1 ? 1 : legendRounds; // a shape stands for one thing only
  const own = groups.length > palette.length * rounds ? groups.slice(0, palette.length * rounds - 1) : groups;
  const rest = groups.slice(own.length);
  /** One trace a kind; the legend has the group once, in its first kind's shape. */
  const entry = (name: string, members: Set<string>, colour: string, round: number): ScatterTrace[] => {
    const mine = points.filter((point) => members.has(point.group));
    return kinds
      .map((kind, at) => ({ symbol: symbols[round + at], of: mine.filter((one) => one.kind === kind) }))
      .filter(({ of }) => of.length)
      .map(({ symbol, of }, at) => ({
        ...trace(of, colour, symbol),
        ...(points.length > manyPoints ? crowded(colour, symbol) : {}),
        name: `${escapeText(name)} (${mine.length})`,
        legendgroup: escapeText(name),
        showlegend: at === 0,
      }));
  };
  const data = [
    ...entry(`${rest.length} smaller groups`, new Set(rest), neutral, 0),
    ...own.flatMap((group, at) =>
      entry(group, new Set([group]), palette[at % palette.length], Math.floor(at / palette.length)),
    ),
    ...(kinds.length > 1 ? kinds.map((kind, at) => shapeKey(kind ?? 'other', symbols[at])) : []),
  ];
  const axis = { showticklabels: false, showgrid: false, zeroline: false, showline: true };
  return {
    data,
    layout: {
      ...titled(
        title,
        `n = ${points.length} points, ${groups.length} groups; trustworthiness ${trustworthiness.toFixed(3)}, neighbour overlap ${overlap.toFixed(3)} (1 is best)`,
      ),
      height: 560,
      xaxis: { ...axis, title: { text: 'map x (no unit)' } },
      yaxis: { ...axis, title: { text: 'map y (no unit)' }, scaleanchor: 'x' },
      hovermode: 'closest',
      showlegend: true,
      legend: { itemsizing: 'constant', traceorder: 'normal' },
    },
  };
}

function trace(points: MapPoint[], colour: string, symbol: string): ScatterTrace {
  return {
    type: 'scatter',
    mode: 'markers',
    x: points.map((point) => point.x),
    y: points.map((point) => point.y),
    text: points.map((point) => hoverText(point)),
    hovertemplate: '%{text}<extra></extra>',
    customdata: points.map(({ label, thumbnail }) => imageUri(thumbnail, label) ?? null),
    marker: { color: colour, symbol, size: 7 },
    opacity: 0.85,
  };
}

/** Drawn by WebGL, small and pale: depth shows where many points share a place. */
function crowded(color: string, symbol: string): Pick<ScatterTrace, 'type' | 'marker' | 'opacity'> {
  return { type: 'scattergl', marker: { color, symbol, size: 4 }, opacity: 0.6 };
}

function hoverText({ label, group, kind }: MapPoint): string {
  return `${escapeLines(label)}<br><i>${escapeText(kind ? `${group}, ${kind}` : group)}</i>`;
}

/** A legend entry that says what a shape stands for. */
function shapeKey(kind: string, symbol: string): ScatterTrace {
  const marker = { color: 'rgba(0,0,0,0)', symbol, size: 7, line: { color: neutral, width: 1.5 } };
  return { type: 'scatter', mode: 'markers', name: escapeText(kind), x: [null], y: [null], marker, hoverinfo: 'skip' };
}

/** Distinct names, the most frequent first. */
function bySize(names: string[]): string[] {
  const sizes = new Map<string, number>();
  for (const name of names) sizes.set(name, (sizes.get(name) ?? 0) + 1);
  return [...sizes.keys()].sort(
    (a, b) => (sizes.get(b) as number) - (sizes.get(a) as number) || a.localeCompare(b, 'en', { numeric: true }),
  );
}
