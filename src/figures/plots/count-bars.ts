import type { Figure } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { palette, titled } from '../theme.js';

/** A named count, such as the number of products with an attribute. */
export interface Count {
  name: string;
  count: number;
  /** Shown on hover after the count. */
  note?: string;
}

/** Counts as horizontal bars, in the order given. `total` is the number that was counted over, shown as n. */
export function countBars(
  counts: Count[],
  options: { title: string; quantity: string; total: number; unit: string },
): Figure {
  const { title, quantity, total, unit } = options;
  const rows = counts.map((_, row) => row);
  return {
    data: [
      {
        type: 'bar',
        orientation: 'h',
        x: counts.map(({ count }) => count),
        y: rows,
        marker: { color: palette[0] },
        text: counts.map(
          ({ name, count, note }) => `${escapeText(name)}: ${count}${note ? `, ${escapeText(note)}` : ''}`,
        ),
        textposition: 'none',
        hovertemplate: '%{text}<extra></extra>',
      },
    ],
    layout: {
      ...titled(title, `n = ${total} ${unit}`),
      height: 130 + 24 * counts.length,
      xaxis: { title: { text: escapeText(quantity) }, rangemode: 'tozero' },
      yaxis: {
        tickvals: rows,
        ticktext: counts.map(({ name }) => escapeText(name)),
        autorange: 'reversed',
        showgrid: false,
      },
      bargap: 0.3,
    },
  };
}
