import type { Interval } from '../../statistics/bootstrap.js';

/** A second estimate less a first one that knows nothing of it: distances to the bounds add up as roots of squares. */
export function lessIndependent(first: Interval, second: Interval): Interval {
  const value = second.value - first.value;
  return {
    value,
    low: value - Math.hypot(second.value - second.low, first.high - first.value),
    high: value + Math.hypot(second.high - second.value, first.value - first.low),
  };
}
