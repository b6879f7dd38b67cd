import type { Figure } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { colourBar, sequential, titled } from '../theme.js';

/** Which experts processed the tokens of one aspect in one layer. */
export interface ExpertLoad {
  layer: number;
  /** Aspect of the tokens, such as title or image. */
  aspect: string;
  /** Number of tokens for each expert. */
  tokens: number[];
}

/**
 * A heatmap of how the router distributes the tokens of each layer and aspect over the experts (MOON section 3.2), in percent of the row.
 * @param names of the experts; numbers by default
 */
export function expertLoad(loads: ExpertLoad[], title = 'Load of the experts', names: readonly string[] = []): Figure {
  const sorted = loads.toSorted((a, b) => a.layer - b.layer);
  const experts = Math.max(0, ...sorted.map(({ tokens }) => tokens.length));
  const total = (tokens: number[]) => tokens.reduce((sum, count) => sum + count, 0);
  const percentages = sorted.map(({ tokens }) =>
    tokens.map((count) => (total(tokens) ? (100 * count) / total(tokens) : null)),
  );
  const rows = sorted.map((_, row) => row);
  return {
    data: [
      {
        type: 'heatmap',
        z: percentages,
        text: percentages.map((row) => row.map((percent) => percent?.toFixed(0) ?? '')),
        texttemplate: '%{text}',
        hovertemplate: '%{y}: expert %{x}, %{z:.1f}%<extra></extra>',
        colorscale: sequential,
        zmin: 0,
        zmax: 100,
        xgap: 2,
        ygap: 2,
        colorbar: colourBar('tokens of the row (%)'),
      },
    ],
    layout: {
      ...titled(
        title,
        `n = ${sorted.reduce((sum, { tokens }) => sum + total(tokens), 0)} routed tokens; uniform routing: ${experts ? (100 / experts).toFixed(1) : '-'}%`,
      ),
      height: 170 + 34 * sorted.length,
      xaxis: {
        title: { text: 'expert' },
        tickvals: Array.from({ length: experts }, (_, expert) => expert),
        ticktext: Array.from({ length: experts }, (_, expert) => escapeText(names[expert] ?? `${expert}`)),
        showgrid: false,
        zeroline: false,
      },
      yaxis: {
        tickvals: rows,
        ticktext: sorted.map(({ layer, aspect, tokens }) =>
          escapeText(`layer ${layer}, ${aspect} (n = ${total(tokens)})`),
        ),
        autorange: 'reversed',
        showgrid: false,
        zeroline: false,
      },
    },
  };
}
