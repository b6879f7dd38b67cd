import type { DoseSeries } from './dose-series.js';
import { dosesOfPieces } from './dose-studies.js';
import { wrongPurchases } from './moon2-studies.js';
import { scalingSeries } from './scaling-studies.js';

/** All series of studies by name. */
export const doseSeries: Record<string, DoseSeries> = Object.fromEntries(
  [...dosesOfPieces, wrongPurchases, ...scalingSeries].map((series) => [series.name, series]),
);
