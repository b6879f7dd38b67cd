import type { Figure } from '../figure.js';
import { palette, referenceLine, titled } from '../theme.js';

/** phi of pairs, from 0 to 1. */
export interface ReliabilityValues {
  right: readonly number[];
  /** Known to be wrong. */
  wrong: readonly number[];
}

export interface ReliabilityOptions {
  title?: string;
  /** What is counted. Default phi. */
  measure?: string;
  /** Probability that phi of a right pair is above that of a wrong one, with its 95% interval. */
  auc: { value: number; low: number; high: number };
  /** phi below which a pair counts less; drawn as a dashed line. */
  threshold: number;
}

const BINS = 20;

/** How phi is distributed over right and wrong pairs, in percent of each. */
export function reliabilityHistogram({ right, wrong }: ReliabilityValues, options: ReliabilityOptions): Figure {
  const { title = 'Reliability of pairs', measure = 'phi', auc, threshold } = options;
  const centres = Array.from({ length: BINS }, (_, bin) => (bin + 0.5) / BINS);
  const percentages = (values: readonly number[]) => {
    const counts = new Array<number>(BINS).fill(0);
    for (const value of values) counts[Math.min(BINS - 1, Math.floor(value * BINS))]++;
    return counts.map((count) => (100 * count) / Math.max(1, values.length));
  };
  const lowered = (values: readonly number[]) =>
    `${((100 * values.filter((value) => value < threshold).length) / Math.max(1, values.length)).toFixed(0)}%`;
  const bars = (name: string, values: readonly number[], colour: string) => ({
    type: 'bar' as const,
    name: `${name} (n = ${values.length})`,
    x: centres,
    y: percentages(values),
    marker: { color: colour },
    hovertemplate: `${measure} %{x:.2f}: %{y:.1f}%`,
  });
  return {
    data: [bars('right', right, palette[0]), ...(wrong.length ? [bars('wrong', wrong, palette[1])] : [])],
    layout: {
      ...titled(title, [
        Number.isFinite(auc.value)
          ? `AUC ${auc.value.toFixed(3)} [${auc.low.toFixed(3)}, ${auc.high.toFixed(3)}]; 0.5 is chance`
          : 'no pair is known to be wrong',
        `n = ${right.length + wrong.length} pairs; below ${threshold} (dashed): ${lowered(right)} of right${wrong.length ? ` and ${lowered(wrong)} of wrong` : ''} pairs`,
      ]),
      height: 420,
      barmode: 'group',
      bargap: 0.1,
      xaxis: { title: { text: measure }, range: [-0.03, 1.03] },
      yaxis: { title: { text: 'pairs (%)' }, rangemode: 'tozero' },
      shapes: [referenceLine('x', threshold)],
      showlegend: true,
    },
  };
}
