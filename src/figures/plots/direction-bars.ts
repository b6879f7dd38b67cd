import type { Figure } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { countRange, neutral, palette, titled } from '../theme.js';

/** The score of one system in one direction, as fractions with the 95% interval. */
export interface DirectionScore {
  direction: string;
  value: number;
  low: number;
  high: number;
  chance: number;
  n: number;
}

/** Scores of systems side by side in each direction, such as `t->mm`, with intervals and chance. */
export function directionBars(
  systems: readonly { name: string; scores: readonly DirectionScore[] }[],
  { title = 'Five directions', metric = 'R@10' }: { title?: string; metric?: string } = {},
): Figure {
  const percent = (fractions: readonly number[]) => fractions.map((fraction) => 100 * fraction);
  const all = systems.flatMap(({ scores }) => scores);
  const chances = new Map(all.map(({ direction, chance }) => [direction, chance]));
  return {
    data: [
      ...systems.map(({ name, scores }, at) => ({
        type: 'bar' as const,
        name: escapeText(name),
        x: scores.map(({ direction }) => escapeText(direction)),
        y: percent(scores.map(({ value }) => value)),
        error_y: {
          type: 'data' as const,
          array: percent(scores.map(({ value, high }) => high - value)),
          arrayminus: percent(scores.map(({ value, low }) => value - low)),
          thickness: 1.5,
          width: 3,
        },
        marker: { color: palette[at % palette.length] },
        hovertemplate: '%{x}: %{y:.1f}%',
      })),
      {
        type: 'scatter',
        mode: 'markers',
        name: 'chance',
        x: [...chances.keys()].map(escapeText),
        y: percent([...chances.values()]),
        marker: { color: neutral, symbol: 'line-ew-open', size: 22 },
        hovertemplate: 'chance %{y:.1f}%',
      },
    ],
    layout: {
      ...titled(
        title,
        `n = ${countRange(all.map(({ n }) => n))} queries a direction; bars: 95% intervals; grey: chance`,
      ),
      height: 420,
      barmode: 'group',
      bargap: 0.25,
      xaxis: { title: { text: 'direction (t text, i picture, mm both)' }, type: 'category' },
      yaxis: { title: { text: `${escapeText(metric)} (%)` }, rangemode: 'tozero' },
      showlegend: true,
    },
  };
}
