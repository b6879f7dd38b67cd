import { type DoseSeries, dosesOfPieces } from './dose-studies.js';
import { scalingSeries } from './scaling-studies.js';

/** All series of studies by name. */
export const doseSeries: Record<string, DoseSeries> = Object.fromEntries(
  [...dosesOfPieces, ...scalingSeries].map((series) => [series.name, series]),
);
