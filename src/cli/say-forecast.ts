import type { MoonConfig } from '../config/config.js';
import type { Catalogue } from '../data/types.js';
import { progressBar } from '../notebook/progress.js';
import { type Forecast, forecast, forecastText } from '../train/forecast/forecast.js';

/** Forecast a run, and say what it would take. */
export async function sayForecast(
  config: MoonConfig,
  catalogue: Catalogue,
  say: (text: string) => void,
): Promise<Forecast> {
  const bar = progressBar();
  const expected = await forecast(config, catalogue).finally(() => bar.end());
  say(forecastText(expected));
  return expected;
}

/** Updates from which a run is forecast without being asked: a forecast takes a quarter of a minute, which a short run need not pay. */
const LONG = 500;

/** Whether a run is forecast before its first step: a long one, and one of a published network, which may be too large for the machine. */
export const isForecast = ({ network, optimizer }: MoonConfig): boolean => 'from' in network || optimizer.steps >= LONG;
