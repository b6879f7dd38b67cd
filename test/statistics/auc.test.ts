import fc from 'fast-check';
import { expect, test } from 'vitest';
import { areaUnderCurve } from '../../src/statistics/auc.js';

/** Every pair of a marked and another value, counted as often as both weights say. */
function slow(values: readonly number[], isMarked: readonly boolean[], weights: readonly number[]): number {
  let [wins, pairs] = [0, 0];
  values.forEach((value, at) => {
    values.forEach((other, place) => {
      if (!isMarked[at] || isMarked[place]) return;
      const count = weights[at] * weights[place];
      pairs += count;
      wins += count * (value > other ? 1 : value === other ? 0.5 : 0);
    });
  });
  return wins / pairs;
}

test('equals the count over all pairs, with ties and weights', () => {
  const row = fc.record({
    value: fc.integer({ min: 0, max: 5 }),
    marked: fc.boolean(),
    weight: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
      const [values, marked, weights] = [
        rows.map((r) => r.value),
        rows.map((r) => r.marked),
        rows.map((r) => r.weight),
      ];
      const fast = areaUnderCurve(values, marked)(Float64Array.from(weights));
      const expected = slow(values, marked, weights);
      if (Number.isNaN(expected)) expect(fast).toBeNaN();
      else expect(fast).toBeCloseTo(expected, 10);
    }),
  );
});
