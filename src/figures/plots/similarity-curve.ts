import type { Figure } from '../figure.js';
import { neutral, palette, titled } from '../theme.js';
import { band, line } from './band.js';

/** Cosine similarity of queries to their positives or to one kind of negative, over training. */
export interface SimilaritySeries {
  /** Such as positive, in-batch, hard, spatial or temporal. */
  kind: string;
  steps: number[];
  mean: number[];
  /** 10th and 90th percentile at each step, drawn as a band. */
  low?: number[];
  high?: number[];
}

/**
 * Similarity to positives (dashed) and to each kind of negative over training steps. A model that learns moves the dashed line above all
 * others.
 * @param pairs number of queries per step, shown as n
 */
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
        `n = ${pairs} queries per step; line: mean${series.some(({ low }) => low) ? ', band: 10th to 90th percentile' : ''}`,
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
