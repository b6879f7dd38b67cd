import type { Figure } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { countRange, neutral, smallFont, titled, verdict } from '../theme.js';

/** The effect of a change on a metric: its difference from the base, as a fraction, with a 95% interval. */
export interface ForestRow {
  name: string;
  difference: number;
  low: number;
  high: number;
  /** Number of queries, or of whatever the interval was bootstrapped over. */
  n: number;
}

export interface ForestOptions {
  title?: string;
  /** Name of the metric. */
  metric?: string;
  /** Name of what every row is compared with. */
  base?: string;
  /** The smallest difference that the study could detect, as a fraction; drawn as a grey zone around zero. */
  detectable?: number;
}

/** A forest plot of differences from a base with 95% intervals, in percentage points. One line per change, from top to bottom. */
export function forestPlot(rows: ForestRow[], options: ForestOptions = {}): Figure {
  const { title = 'What each change does', metric = 'MRR', base = 'the base', detectable } = options;
  const points = (fraction: number) => 100 * fraction;
  const signed = (fraction: number) => `${fraction < 0 ? '-' : '+'}${Math.abs(points(fraction)).toFixed(1)}`;
  const interval = (row: ForestRow) => `${signed(row.difference)} [${signed(row.low)}, ${signed(row.high)}]`;
  const colours = rows.map(({ low, high }) => (low > 0 ? verdict.hit : high < 0 ? verdict.miss : neutral));
  const at = rows.map((_, row) => row);
  return {
    data: rows.map((row, y) => ({
      type: 'scatter',
      mode: 'markers',
      x: [points(row.difference)],
      y: [y],
      marker: { color: colours[y], size: 9, symbol: colours[y] === neutral ? 'circle-open' : 'circle' },
      error_x: {
        type: 'data',
        array: [points(row.high - row.difference)],
        arrayminus: [points(row.difference - row.low)],
        thickness: 2,
        width: 4,
        color: colours[y],
      },
      text: [`${escapeText(row.name)}<br>${interval(row)}, n = ${row.n}`],
      hovertemplate: '%{text}<extra></extra>',
      showlegend: false,
    })),
    layout: {
      ...titled(
        title,
        `n = ${countRange(rows.map((row) => row.n))}; bars: 95% intervals; filled: the interval excludes zero${
          detectable ? `; grey: not detectable, below ${points(detectable).toFixed(1)}` : ''
        }`,
      ),
      height: 150 + 34 * rows.length,
      margin: { r: 150 },
      xaxis: {
        title: { text: `${escapeText(metric)}, difference from ${escapeText(base)} (percentage points)` },
        zeroline: true,
      },
      yaxis: {
        tickvals: at,
        ticktext: rows.map((row) => escapeText(row.name)),
        range: [rows.length - 0.5, -0.5],
        showgrid: false,
        zeroline: false,
      },
      shapes: detectable
        ? [
            {
              type: 'rect',
              yref: 'paper',
              x0: -points(detectable),
              x1: points(detectable),
              y0: 0,
              y1: 1,
              fillcolor: `${neutral}22`,
              line: { width: 0 },
              layer: 'below',
            },
          ]
        : [],
      annotations: rows.map((row, y) => ({
        text: interval(row),
        xref: 'paper',
        x: 1,
        xanchor: 'left',
        xshift: 8,
        y,
        showarrow: false,
        font: smallFont,
      })),
      hovermode: 'closest',
    },
  };
}
