import type { Figure } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { neutral, palette, titled } from '../theme.js';

/** A run on two metrics, as fractions. */
export interface ExchangePoint {
  group: string;
  intermediate: number;
  downstream: number;
}

export interface ExchangeOptions {
  title?: string;
  /** Names of the two metrics. */
  names: [intermediate: string, downstream: string];
  /** The line through the runs, with the 95% interval of its slope. */
  line: { rate: { value: number; low: number; high: number }; intercept: number };
}

/** Tell groups of one colour apart. */
const symbols = ['circle', 'diamond', 'square', 'cross'];

/** Runs by two metrics, with the least-squares line: what a point of one is worth in the other. A colour for each group. */
export function exchangePlot(points: readonly ExchangePoint[], options: ExchangeOptions): Figure {
  const { title = 'Exchange rate', names, line } = options;
  const { rate, intercept } = line;
  const groups = [...new Set(points.map(({ group }) => group))];
  const percent = (values: readonly number[]) => values.map((value) => 100 * value);
  const x = points.map(({ intermediate }) => intermediate);
  const ends = [Math.min(...x), Math.max(...x)];
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: 'least squares',
        x: percent(ends),
        y: percent(ends.map((end) => intercept + rate.value * end)),
        line: { color: neutral, width: 2, dash: 'dash' },
        hoverinfo: 'skip',
      },
      ...groups.map((group, at) => {
        const own = points.filter((point) => point.group === group);
        return {
          type: 'scatter' as const,
          mode: 'markers' as const,
          name: escapeText(group),
          x: percent(own.map(({ intermediate }) => intermediate)),
          y: percent(own.map(({ downstream }) => downstream)),
          marker: {
            color: palette[at % palette.length],
            symbol: symbols[Math.floor(at / palette.length) % symbols.length],
            size: 9,
          },
        };
      }),
    ],
    layout: {
      ...titled(
        title,
        `n = ${points.length} runs of ${groups.length} kinds; one point of ${names[0]} is worth ${rate.value.toFixed(2)} [${rate.low.toFixed(2)}, ${rate.high.toFixed(2)}] points of ${names[1]}`,
      ),
      height: 460,
      xaxis: { title: { text: `${escapeText(names[0])} (%)` } },
      yaxis: { title: { text: `${escapeText(names[1])} (%)` } },
      showlegend: true,
    },
  };
}
