import type { Figure } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { countRange, palette, referenceLine, titled } from '../theme.js';
import { band, line } from './band.js';

/** Scores of one model at each dose, as fractions with 95% intervals. */
export interface DoseSeries {
  name: string;
  points: { dose: number; value: number; low: number; high: number; n: number }[];
}

export interface DoseOptions {
  title?: string;
  /** What the dose is, with its unit: the label of the x axis. */
  dose: string;
  metric?: string;
  /** What n counts. Default: queries. */
  counted?: string;
  chance?: number;
  /** Logarithmic x axis. */
  log?: boolean;
}

/** A metric as a function of a dose, such as the amount of clutter, the number of negatives, or the noise in a box. */
export function doseResponse(series: DoseSeries[], options: DoseOptions): Figure {
  const { title = 'Dose response', dose, metric = 'R@1', counted = 'queries', chance, log = false } = options;
  const doses = [...new Set(series.flatMap(({ points }) => points.map((point) => point.dose)))];
  const counts = series.flatMap(({ points }) => points.map(({ n }) => n));
  return {
    data: series.flatMap(({ name, points }, at) => {
      const colour = palette[at % palette.length];
      const sorted = points.toSorted((a, b) => a.dose - b.dose);
      const x = sorted.map((point) => point.dose);
      const percent = (field: 'value' | 'low' | 'high') => sorted.map((point) => 100 * point[field]);
      return [
        band(name, x, percent('low'), percent('high'), colour),
        { ...line(name, x, percent('value'), colour), mode: 'lines+markers' as const },
      ];
    }),
    layout: {
      ...titled(
        title,
        `n = ${countRange(counts)} ${counted} per point; band: 95% interval${
          chance === undefined ? '' : `; dashed: chance ${(100 * chance).toFixed(1)}%`
        }`,
      ),
      height: 400,
      xaxis: {
        title: { text: escapeText(dose) },
        type: log ? 'log' : 'linear',
        // The ticks of a logarithmic axis between powers of ten are single digits.
        ...(log && doses.length <= 12 ? { tickvals: doses } : {}),
      },
      yaxis: { title: { text: `${escapeText(metric)} (%)` }, rangemode: 'tozero' },
      shapes: chance === undefined ? [] : [referenceLine('y', 100 * chance)],
      hovermode: 'x unified',
      showlegend: series.length > 1,
    },
  };
}
