import { assert } from '../../checks/error.js';
import type { Figure } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { colourBar, sequential, titled } from '../theme.js';

/** With more categories than this, the numbers appear on hover only: in the cells they would overlap. */
const readable = 16;

/** A confusion matrix of `counts[true][predicted]`. Colours show percentages of the row, numbers show counts. */
export function confusionMatrix(categories: string[], counts: number[][], title = 'Confusion of categories'): Figure {
  assert(
    counts.length === categories.length && counts.every((row) => row.length === categories.length),
    'one count per pair of categories',
  );
  const at = categories.map((_, row) => row);
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const n = totals.reduce((sum, count) => sum + count, 0);
  const right = at.reduce((sum, row) => sum + counts[row][row], 0);
  const side = Math.max(200, Math.min(760, categories.length * (categories.length <= readable ? 42 : 16)));
  return {
    data: [
      {
        type: 'heatmap',
        z: counts.map((row, of) => row.map((count) => (totals[of] ? (100 * count) / totals[of] : null))),
        text: counts.map((row) => row.map((count) => (count ? `${count}` : ''))),
        texttemplate: categories.length <= readable ? '%{text}' : '',
        customdata: counts.map((row, of) =>
          row.map(
            (count, as) =>
              `${escapeText(categories[of])} predicted as ${escapeText(categories[as])}: ${count} of ${totals[of]}`,
          ),
        ),
        hovertemplate: '%{customdata}<extra></extra>',
        colorscale: sequential,
        zmin: 0,
        zmax: 100,
        xgap: 1,
        ygap: 1,
        colorbar: colourBar('of the row (%)'),
      },
    ],
    layout: {
      ...titled(
        title,
        [
          `n = ${n}, ${n ? ((100 * right) / n).toFixed(1) : '-'}% on the diagonal`,
          'rows: true categories; numbers: counts',
        ],
        side + 320,
      ),
      height: side + 200,
      width: side + 320,
      xaxis: {
        title: { text: 'predicted category' },
        tickvals: at,
        ticktext: categories.map(escapeText),
        tickangle: -45,
        showgrid: false,
        constrain: 'domain',
      },
      yaxis: {
        title: { text: 'true category' },
        tickvals: at,
        ticktext: categories.map(escapeText),
        autorange: 'reversed',
        showgrid: false,
        scaleanchor: 'x',
        constrain: 'domain',
      },
    },
  };
}
