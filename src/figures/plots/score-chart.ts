import type { Figure } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { neutral, palette, referenceLine, titled } from '../theme.js';

/** A score as a fraction, with its 95% interval if there is one. */
export interface ChartedScore {
  name: string;
  value: number;
  low?: number;
  high?: number;
  /** `own`: the model itself; `control`: a control of it; `rival`: the score of another method. */
  role: 'own' | 'control' | 'rival';
}

export interface ScoreChartOptions {
  title?: string;
  metric?: string;
  /** Number of queries. */
  n: number;
  /** Score of random guessing, as a fraction; drawn as a dashed line. */
  chance?: number;
}

const colours = { own: palette[0], control: neutral, rival: palette[1] };
const symbols = { own: 'circle', control: 'circle-open', rival: 'diamond' };

/** Scores of the model, its controls and other methods on one metric, with 95% intervals, from top to bottom. */
export function scoreChart(scores: readonly ChartedScore[], options: ScoreChartOptions): Figure {
  const { title = 'Score', metric = 'R@1', n, chance } = options;
  const percent = (fraction: number) => `${(100 * fraction).toFixed(1)}%`;
  const interval = ({ low, high }: ChartedScore) =>
    low === undefined || high === undefined ? '' : ` [${percent(low)}, ${percent(high)}]`;
  return {
    data: scores.map((score, row) => ({
      type: 'scatter',
      mode: 'markers',
      x: [100 * score.value],
      y: [row],
      marker: { color: colours[score.role], size: 11, symbol: symbols[score.role] },
      error_x: {
        type: 'data',
        array: [100 * ((score.high ?? score.value) - score.value)],
        arrayminus: [100 * (score.value - (score.low ?? score.value))],
        thickness: 2,
        width: 4,
        color: colours[score.role],
      },
      text: [`${escapeText(score.name)}<br>${percent(score.value)}${interval(score)}`],
      hovertemplate: '%{text}<extra></extra>',
      showlegend: false,
    })),
    layout: {
      ...titled(
        title,
        `n = ${n} queries; bars: 95% intervals${chance === undefined ? '' : `; dashed: chance ${percent(chance)}`}`,
      ),
      height: 150 + 32 * scores.length,
      xaxis: { title: { text: `${escapeText(metric)} (%)` }, rangemode: 'tozero' },
      yaxis: {
        tickvals: scores.map((_, row) => row),
        ticktext: scores.map(({ name }) => escapeText(name)),
        range: [scores.length - 0.5, -0.5],
        showgrid: false,
        zeroline: false,
      },
      shapes: chance === undefined ? [] : [referenceLine('x', 100 * chance)],
      hovermode: 'closest',
    },
  };
}
