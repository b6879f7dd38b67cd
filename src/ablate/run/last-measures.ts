import { mean } from 'simple-statistics';
import type { StepRecord } from '../../train/step-record.js';

/** The part of the updates, from the end, over which measures are averaged. */
const LAST = 0.1;

/** Means of the measures of the last tenth of the updates, at least one: terms of the loss, accuracy, how open a gate is. */
export function lastMeasures(records: readonly StepRecord[]): Record<string, number> {
  const { stage } = records[records.length - 1];
  const last = records
    .slice(-Math.max(1, Math.round(LAST * records.length)))
    .filter((record) => record.stage === stage);
  return meanMeasures(last.map(({ measures }) => measures));
}

/** The mean of each measure that all have. */
export function meanMeasures(each: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = Object.keys(each[0] ?? {}).filter((name) => each.every((measures) => name in measures));
  return Object.fromEntries(names.map((name) => [name, mean(each.map((measures) => measures[name]))]));
}
