import { describe, expect, test } from 'vitest';
import { independentDifference } from '../../../src/ablate/changes/independent.js';
import { randomStream } from '../../../src/engine/random.js';

describe('a difference of two independent estimates', () => {
  test('has an interval that holds the truth about 95 times in 100', () => {
    const stream = randomStream(1, 'two estimates');
    const estimate = (truth: number, error: number) => {
      const value = truth + error * stream.normal();
      return { value, low: value - 1.96 * error, high: value + 1.96 * error };
    };
    const tries = 4000;
    let held = 0;
    for (let at = 0; at < tries; at++) {
      const { low, high } = independentDifference(estimate(0.3, 0.02), estimate(0.5, 0.07));
      if (low <= 0.2 && 0.2 <= high) held++;
    }
    expect(held / tries).toBeGreaterThan(0.935);
    expect(held / tries).toBeLessThan(0.965);
  });

  test('takes the bound that faces the other estimate where an interval is lopsided', () => {
    const found = independentDifference({ value: 1, low: 0.9, high: 1.3 }, { value: 2, low: 1.6, high: 2.1 });
    expect(found.value).toBe(1);
    expect(found.low).toBeCloseTo(1 - Math.hypot(0.4, 0.3), 12);
    expect(found.high).toBeCloseTo(1 + Math.hypot(0.1, 0.1), 12);
  });
});
