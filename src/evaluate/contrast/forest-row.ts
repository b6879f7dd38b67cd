import type { ForestRow } from '../../figures/plots/forest-plot.js';
import type { Finding } from './finding.js';

/** A finding as a row of `forestPlot`. @param n number of queries */
export const forestRow =
  (n: number) =>
  ({ name, difference: { value, low, high } }: Finding): ForestRow => ({ name, difference: value, low, high, n });
