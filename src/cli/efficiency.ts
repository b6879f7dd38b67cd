import type { StepRecord } from '../train/step-record.js';

/** Updates at the start, in which graphs are compiled. */
const FIRST = 3;

/** How many items and queries all workers read in a second, and what worker 0 waits: undefined after a few updates. */
export function efficiencyText(records: readonly StepRecord[], workers: number): string | undefined {
  const counted = records.slice(FIRST);
  if (!counted.length) return undefined;
  const sum = (of: (record: StepRecord) => number) => counted.reduce((total, record) => total + of(record), 0);
  const seconds = sum((record) => record.seconds);
  const speed = sum(({ size }) => size.sequences) / seconds;
  const waiting = (100 * sum(({ waitSeconds = 0 }) => waitSeconds)) / seconds;
  return `${workers} workers: ${speed.toFixed(1)} items and queries a second in all; worker 0 waits ${waiting.toFixed(0)} % of the time for the others and the exchange`;
}
