import type { Figure } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { countRange, palette, titled } from '../theme.js';

/** Score of one combination of two factors, as a fraction, with its 95% interval over `n` queries. */
export interface InteractionCell {
  /** Level of the factor on the x axis, and of the factor with one line per level. */
  across: string;
  line: string;
  value: number;
  low: number;
  high: number;
  n: number;
}

export interface InteractionOptions {
  title?: string;
  /** Names of the two factors. */
  across: string;
  line: string;
  metric?: string;
  /** How much larger the effect of one factor is when the other is present, as a fraction with its 95% interval. */
  interaction?: { value: number; low: number; high: number };
}

/** An interaction plot of two factors: parallel lines mean that their effects are independent. Levels keep the order given. */
export function interactionPlot(cells: InteractionCell[], options: InteractionOptions): Figure {
  const { title = 'Interaction of two factors', across, line, metric = 'MRR', interaction } = options;
  const levels = [...new Set(cells.map((cell) => cell.across))];
  const lines = [...new Set(cells.map((cell) => cell.line))];
  // Levels are at integer positions; each line is shifted a little, so that intervals do not overlap.
  const shift = (at: number) => 0.06 * (at - (lines.length - 1) / 2);
  return {
    data: lines.map((name, at) => {
      const own = levels.flatMap((level) => cells.filter((cell) => cell.line === name && cell.across === level));
      const color = palette[at % palette.length];
      return {
        type: 'scatter',
        mode: 'lines+markers',
        name: escapeText(name),
        x: own.map((cell) => levels.indexOf(cell.across) + shift(at)),
        y: own.map(({ value }) => 100 * value),
        text: own.map((cell) => {
          const [value, low, high] = [cell.value, cell.low, cell.high].map((one) => (100 * one).toFixed(1));
          return `${escapeText(cell.across)}, ${escapeText(name)}<br>${value}% [${low}, ${high}], n = ${cell.n}`;
        }),
        hovertemplate: '%{text}<extra></extra>',
        line: { color, width: 2, dash: (['solid', 'dash', 'dot'] as const)[at % 3] },
        marker: { color, size: 9, symbol: symbols[at % symbols.length] },
        error_y: {
          type: 'data',
          array: own.map(({ value, high }) => 100 * (high - value)),
          arrayminus: own.map(({ value, low }) => 100 * (value - low)),
          thickness: 1.5,
          width: 4,
          color,
        },
      };
    }),
    layout: {
      ...titled(
        title,
        `n = ${countRange(cells.map(({ n }) => n))} queries per point; bars: 95% intervals${interactionText(interaction)}`,
      ),
      height: 420,
      xaxis: {
        title: { text: escapeText(across) },
        tickvals: levels.map((_, level) => level),
        ticktext: levels.map(escapeText),
        range: [-0.4, levels.length - 0.6],
        showgrid: false,
        zeroline: false,
      },
      yaxis: { title: { text: `${escapeText(metric)} (%)` } },
      legend: { title: { text: escapeText(line) } },
      showlegend: true,
      hovermode: 'closest',
    },
  };
}

const symbols = ['circle', 'diamond', 'square', 'triangle-up'];

function interactionText(interaction: InteractionOptions['interaction']): string {
  if (!interaction) return '';
  const [value, low, high] = [interaction.value, interaction.low, interaction.high].map(
    (one) => `${one < 0 ? '-' : '+'}${(100 * Math.abs(one)).toFixed(1)}`,
  );
  return `; interaction ${value} [${low}, ${high}] points`;
}
