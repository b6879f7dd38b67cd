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
