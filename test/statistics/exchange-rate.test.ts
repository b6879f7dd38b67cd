import { expect, test } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import { exchangeRate } from '../../src/statistics/exchange-rate.js';

/** Runs of several kinds, three seeds each, on a line of this slope with noise. */
function runs(slope: number, noise: number, name: string) {
  const stream = randomStream(1, name);
  return Array.from({ length: 24 }, (_, at) => {
    const intermediate = 0.2 + 0.02 * Math.floor(at / 3) + 0.005 * stream.normal();
    const downstream = 0.1 + slope * intermediate + noise * stream.normal();
    return { group: `row ${Math.floor(at / 3)}`, intermediate, downstream };
  });
}

test('a known rate is found, to the digit without noise, and its order', () => {
  const exact = exchangeRate(runs(1.7, 0, 'exact'))!;
  expect(exact.rate.value).toBeCloseTo(1.7, 10);
  expect([exact.rate.low, exact.rate.high].map((end) => Math.round(1e6 * end))).toEqual([1_700_000, 1_700_000]);
  expect(exact).toMatchObject({ runs: 24, groups: 8 });
  expect(exact.rankCorrelation).toBeCloseTo(1, 10);
  expect(exact.intercept).toBeCloseTo(0.1, 10);
  const noisy = exchangeRate(runs(-2, 0.01, 'noisy'))!;
  expect(noisy.rate.low).toBeLessThan(-2);
  expect(noisy.rate.high).toBeGreaterThan(-2);
  expect(noisy.rate.high).toBeLessThan(0);
});

test('the interval holds the rate about 95 times in 100', () => {
  const held = Array.from({ length: 100 }, (_, at) => exchangeRate(runs(1, 0.02, `try ${at}`), { draws: 300 })!.rate);
  expect(held.filter(({ low, high }) => low <= 1 && high >= 1).length).toBeGreaterThan(84);
});

test('there is none for two kinds of runs, or a metric that does not vary', () => {
  const all = runs(1, 0.1, 'few');
  expect(exchangeRate(all.slice(0, 6))).toBeUndefined();
  expect(exchangeRate(all.map((run) => ({ ...run, intermediate: 0.3 })))).toBeUndefined();
  expect(exchangeRate(all.map((run) => ({ ...run, downstream: 0.3 })))).toMatchObject({ rankCorrelation: null });
});
