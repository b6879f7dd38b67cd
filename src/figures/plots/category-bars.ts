import type { Figure } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { neutral, palette, referenceLine, titled } from '../theme.js';

/** Score of a category as a fraction, with its 95% interval over `n` queries. */
export interface CategoryScore {
  category: string;
  value: number;
  low: number;
  high: number;
  n: number;
}

export interface CategoryBarsOptions {
  title?: string;
  metric?: string;
  /** Score of random guessing, as a fraction; drawn as a dashed line. */
  chance?: number;
}

/** Bars of one metric by category, best first, with 95% intervals and n. */
export function categoryBars(scores: CategoryScore[], options: CategoryBarsOptions = {}): Figure {
  const { title = 'By category', metric = 'R@1', chance } = options;
  const sorted = scores.toSorted((a, b) => b.value - a.value || a.category.localeCompare(b.category, 'en'));
  const at = sorted.map((_, row) => row);
  return {
    data: [
      {
        type: 'bar',
        orientation: 'h',
        x: sorted.map(({ value }) => 100 * value),
        y: at,
        marker: { color: `${palette[0]}88` }, // translucent, so that intervals and the chance line stay visible
        error_x: {
          type: 'data',
          array: sorted.map(({ value, high }) => 100 * (high - value)),
          arrayminus: sorted.map(({ value, low }) => 100 * (value - low)),
          thickness: 1.5,
          width: 3,
          color: neutral,
        },
        hovertemplate: '%{x:.1f}%<extra></extra>',
        showlegend: false,
      },
    ],
    layout: {
      ...titled(
        title,
        `n = ${scores.reduce((sum, { n }) => sum + n, 0)} queries in ${scores.length} categories; bars: 95% intervals${
          chance === undefined ? '' : `; dashed: chance ${(100 * chance).toFixed(1)}%`
        }`,
      ),
      height: 150 + 26 * scores.length,
      xaxis: { title: { text: `${escapeText(metric)} (%)` }, range: [0, 100] },
      yaxis: {
        tickvals: at,
        ticktext: sorted.map(({ category, n }) => escapeText(`${category} (n = ${n})`)),
        range: [sorted.length - 0.5, -0.5],
        showgrid: false,
      },
      shapes: chance === undefined ? [] : [referenceLine('x', 100 * chance)],
      hovermode: 'closest',
    },
  };
}
