import type { Figure } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { neutral, titled, verdict } from '../theme.js';

/** How many facts the texts of one source state rightly and wrongly, and how many they leave out: means per text. */
export interface FactCount {
  source: string;
  right: number;
  wrong: number;
  unsaid: number;
}

export interface FactBarsOptions {
  title?: string;
  /** Number of texts of each source. */
  n: number;
}

/** Facts right, wrong and unsaid by source, as stacked bars in the order given. */
export function factBars(
  counts: readonly FactCount[],
  { title = 'Facts in what was written', n }: FactBarsOptions,
): Figure {
  const rows = counts.map((_, row) => row);
  const parts = [
    { key: 'right', name: '✓ right', colour: verdict.hit },
    { key: 'wrong', name: '✗ wrong', colour: verdict.miss },
    { key: 'unsaid', name: 'unsaid', colour: `${neutral}55` },
  ] as const;
  return {
    data: parts.map(({ key, name, colour }) => ({
      type: 'bar' as const,
      orientation: 'h' as const,
      name,
      x: counts.map((count) => count[key]),
      y: rows,
      marker: { color: colour },
      text: counts.map((count) => `${escapeText(count.source)}: ${count[key].toFixed(2)} ${key}`),
      textposition: 'none' as const,
      hovertemplate: '%{text}<extra></extra>',
    })),
    layout: {
      ...titled(title, `n = ${n} texts of each source`),
      height: 150 + 26 * counts.length,
      barmode: 'stack',
      xaxis: { title: { text: 'facts per text' }, rangemode: 'tozero' },
      yaxis: {
        tickvals: rows,
        ticktext: counts.map(({ source }) => escapeText(source)),
        autorange: 'reversed',
        showgrid: false,
      },
      bargap: 0.3,
      showlegend: true,
    },
  };
}
