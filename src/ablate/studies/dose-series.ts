import type { Study } from './study.js';

/** A series of studies that differ in one setting, the dose. */
export interface DoseSeries {
  name: string;
  /** What the dose is, as axis label. */
  dial: string;
  doses: readonly number[];
  /** Whether the doses are shown on a logarithmic axis. */
  log?: boolean;
  /** The expected result, written before the first run. */
  prediction: string;
  study(dose: number): Study;
}
