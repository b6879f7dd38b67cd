import type { Figure, ScatterTrace } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { palette, titled } from '../theme.js';
import { band, line } from './band.js';

/** The curve of one run. Series with the same name are seeds of one config: they are drawn as their mean, with a band from minimum to maximum. */
export interface CurveSeries {
  name: string;
  steps: number[];
  /** One value per step. Non-finite values leave gaps. */
  values: number[];
}

export interface LossCurveOptions {
  title?: string;
  /** Label of the y axis, with the unit. */
  quantity?: string;
  /** Label of the x axis. */
  step?: string;
  /** Steps in the running mean, which is drawn over the raw curve in a lighter shade; 1 draws the raw curve alone. */
  window?: number;
  /** Logarithmic y axis. */
  log?: boolean;
}

/** Loss or another metric over training steps. */
export function lossCurve(series: CurveSeries[], options: LossCurveOptions = {}): Figure {
  const { title = 'Training loss', quantity = 'loss (nats)', step = 'step', window = 1, log = false } = options;
  const names = [...new Set(series.map((one) => one.name))];
  const data = names.flatMap((name, at) => {
    const seeds = series.filter((one) => one.name === name);
    const colour = palette[at % palette.length];
    return seeds.length > 1 ? seedBand(name, seeds, window, colour) : singleCurve(seeds[0], window, colour);
  });
  return {
    data,
    layout: {
      ...titled(title, curveSubtitle(series, names, window)),
      height: 380,
      xaxis: { title: { text: escapeText(step) } },
      yaxis: { title: { text: escapeText(quantity) }, type: log ? 'log' : 'linear' },
      hovermode: 'x unified',
      showlegend: names.length > 1,
    },
  };
}

function curveSubtitle(series: CurveSeries[], names: string[], window: number): string {
  const seeds = Math.max(0, ...names.map((name) => series.filter((one) => one.name === name).length));
  const gaps = series.flatMap((one) => one.values).filter((value) => !Number.isFinite(value)).length;
  return [
    `n = ${Math.max(0, ...series.map((one) => one.steps.length))} measured steps`,
    seeds > 1 ? `line: mean of up to ${seeds} seeds, band: minimum to maximum` : '',
    window > 1 ? `running mean of ${window}` : '',
    gaps ? `non-finite values: ${gaps}` : '',
  ]
    .filter(Boolean)
    .join(', ');
}

function singleCurve({ name, steps, values }: CurveSeries, window: number, colour: string): ScatterTrace[] {
  const measured = line(name, steps, values, colour);
  if (window <= 1) return [measured];
  return [
    { ...measured, opacity: 0.3, showlegend: false, hoverinfo: 'skip', line: { color: colour, width: 1 } },
    line(name, steps, runningMean(values, window), colour),
  ];
}

function seedBand(name: string, seeds: CurveSeries[], window: number, colour: string): ScatterTrace[] {
  const curves = seeds.map((seed) => {
    const smooth = runningMean(seed.values, window);
    return new Map(seed.steps.map((step, i) => [step, smooth[i]]));
  });
  const steps = seeds[0].steps.filter((step) => curves.every((curve) => Number.isFinite(curve.get(step))));
  const across = steps.map((step) => curves.map((curve) => curve.get(step) as number));
  const low = across.map((values) => Math.min(...values));
  const high = across.map((values) => Math.max(...values));
  const mean = across.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  return [band(name, steps, low, high, colour), line(name, steps, mean, colour)];
}

/** Mean of the finite values in the last `window` steps. Gaps stay gaps. */
function runningMean(values: number[], window: number): number[] {
  return values.map((value, at) => {
    const recent = values.slice(Math.max(0, at - window + 1), at + 1).filter(Number.isFinite);
    return Number.isFinite(value) ? recent.reduce((sum, one) => sum + one, 0) / recent.length : Number.NaN;
  });
}
