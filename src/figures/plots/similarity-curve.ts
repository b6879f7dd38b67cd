import type { Figure } from '../figure.js';
import { neutral, palette, titled } from '../theme.js';
import { band, line } from './band.js';

/** Cosine of queries with their positives or with one kind of negative, over training. */
export interface SimilaritySeries {
  /** positive, in-batch, hard, spatial, temporal ... */
  kind: string;
  steps: number[];
  mean: number[];
  /** Lower and upper tenth, one a step; left out, no band is drawn. */
  low?: number[];
  high?: number[];
}

/** Whether the model pulls positives away from each kind of negative: the dashed line should leave all others below. `pairs` is n a step. */
export function similarityCurve(series: SimilaritySeries[], pairs: number, title = 'Similarity to the query'): Figure {
  const positiveFirst = series.toSorted((a, b) => Number(b.kind === 'positive') - Number(a.kind === 'positive'));
  return {
    data: positiveFirst.flatMap(({ kind, steps, mean, low, high }, at) => {
      const colour = kind === 'positive' ? palette[2] : (negativeColours[at % negativeColours.length] ?? neutral);
      const curve = line(kind, steps, mean, colour);
      return [
        ...(low && high ? [band(kind, steps, low, high, colour)] : []),
        { ...curve, line: { ...curve.line, dash: kind === 'positive' ? ('dash' as const) : ('solid' as const) } },
      ];
    }),
    layout: {
      ...titled(
        title,
        `n = ${pairs} queries a step; line: mean${series.some(({ low }) => low) ? ', band: from the lower to the upper tenth of pairs' : ''}`,
      ),
      height: 400,
      xaxis: { title: { text: 'step' } },
      yaxis: { title: { text: 'cosine similarity (no unit)' } },
      hovermode: 'x unified',
      showlegend: true,
    },
  };
}

const negativeColours = palette.filter((colour) => colour !== palette[2]);
