import type { Interval } from '../../statistics/bootstrap.js';

/**
 * The second minus the first of two independent estimates, with an interval: the distances of their bounds add in quadrature (square root of
 * the sum of squares).
 */
export function independentDifference(first: Interval, second: Interval): Interval {
  const value = second.value - first.value;
  return {
    value,
    low: value - Math.hypot(second.value - second.low, first.high - first.value),
    high: value + Math.hypot(second.high - second.value, first.value - first.low),
  };
}
