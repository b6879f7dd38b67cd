import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import { describeDifference, isDistinguishable } from '../../src/evaluate/contrast/findings-text.js';
import { holm } from '../../src/statistics/holm.js';
import { detectable, settling } from '../../src/statistics/power.js';
import { seedIntervals } from '../../src/statistics/seed-interval.js';
import { clusterMeans, signFlip } from '../../src/statistics/sign-flip.js';
import { meanOf } from '../../src/statistics/statistic.js';
import { type Luck, type Simulated, simulateStudy } from '../ablate/simulated-study.js';

const STUDIES = 300;
const stream = randomStream(1, 'simulated studies');

/** Different sorts of luck, each of which a study may be ruled by. */
const worlds: Record<string, Omit<Luck, 'effect'>> = {
  'the draw of products': { seeds: 3, product: 1, query: 0.3, seed: 0, answer: 0.3 },
  'what a seed answers to a query': { seeds: 3, product: 0, query: 0, seed: 0, answer: 1 },
  'seeds, on all queries alike': { seeds: 3, product: 0.2, query: 0.2, seed: 0.4, answer: 0.5 },
  'all of them, five seeds': { seeds: 5, product: 0.5, query: 0.5, seed: 0.1, answer: 1 },
};

const estimate = ({ bySeed, products }: Simulated) =>
  seedIntervals([bySeed.map((values) => meanOf(values))], products, { draws: 300 })[0];

const pOf = ({ bySeed, products }: Simulated) => {
  const means = products.map((_, at) => bySeed.reduce((sum, values) => sum + values[at], 0) / bySeed.length);
  return signFlip(clusterMeans(means, products), { draws: 300 });
};

const fraction = (times: number) => times / STUDIES;

describe.each(Object.entries(worlds))('simulated studies ruled by the luck of %s', (_, luck) => {
  test('intervals hold a known effect 95 times in 100, and what is called distinguishable under no effect is at most 1 in 20', () => {
    let covered = 0;
    let alarms = 0;
    for (let study = 0; study < STUDIES; study++) {
      const { low, high } = estimate(simulateStudy(stream, { ...luck, effect: 0.3 }));
      if (low <= 0.3 && high >= 0.3) covered++;
      const none = simulateStudy(stream, { ...luck, effect: 0 });
      if (isDistinguishable(estimate(none), pOf(none))) alarms++;
    }
    // Three standard errors of a share of 300 below 95%. Above: queries are drawn within drawn products, which counts the luck of
    // single answers twice, so that a study ruled by it is told more cautiously than it need be.
    expect(fraction(covered)).toBeGreaterThan(0.91);
    expect(fraction(covered)).toBeLessThan(luck.product || luck.seed ? 0.985 : 1.001);
    expect(fraction(alarms)).toBeLessThan(0.088);
  });
});

test('the sign flip rejects 1 in 20 under no effect, where seeds have no luck of their own', () => {
  let rejected = 0;
  for (let study = 0; study < STUDIES; study++)
    if (pOf(simulateStudy(stream, { ...worlds['the draw of products'], effect: 0 })) < 0.05) rejected++;
  expect(fraction(rejected)).toBeGreaterThan(0.017);
  expect(fraction(rejected)).toBeLessThan(0.083);
});

test('the sign flip alone would take the luck of seeds for an effect: the interval is asked too', () => {
  let rejected = 0;
  for (let study = 0; study < STUDIES; study++)
    if (pOf(simulateStudy(stream, { ...worlds['seeds, on all queries alike'], effect: 0 })) < 0.05) rejected++;
  expect(fraction(rejected)).toBeGreaterThan(0.2);
});

test('a difference of the detectable size is seen in about 80 of 100 studies', () => {
  const luck = worlds['all of them, five seeds'];
  let min = 0;
  for (let study = 0; study < 100; study++)
    min += detectable(estimate(simulateStudy(stream, { ...luck, effect: 0 })), 1) / 100;
  let seen = 0;
  for (let study = 0; study < STUDIES; study++) {
    const tried = simulateStudy(stream, { ...luck, effect: min });
    if (isDistinguishable(estimate(tried), pOf(tried))) seen++;
  }
  expect(fraction(seen)).toBeGreaterThan(0.68);
  expect(fraction(seen)).toBeLessThan(0.92);
});

test('of several rows the smallest detectable difference is that of their strictest test', () => {
  const interval = { low: -1.96, high: 1.96 };
  // Quantiles of a normal variable: 97.5% is 1.9600, 99.1667% (of three rows) 2.3940, 80% 0.8416.
  expect(detectable(interval, 1)).toBeCloseTo(1.96 + 0.8416, 2);
  expect(detectable(interval, 3)).toBeCloseTo(2.394 + 0.8416, 2);
});

test('sign flips of few products are those of all signs', () => {
  const means = [0.3, -0.1, 0.4, 0.2, 0.05];
  const sums = Array.from({ length: 32 }, (_, signs) =>
    Math.abs(means.reduce((sum, each, at) => sum + ((signs >> at) & 1 ? -each : each), 0)),
  );
  const exact = sums.filter((sum) => sum >= 0.85 - 1e-9).length / 32;
  expect(Math.abs(signFlip(means, { draws: 20_000 }) - exact)).toBeLessThan(0.012);
});

test('Holm: the published example, and never less than the value itself or out of order', () => {
  expect(holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(4)))).toEqual([0.03, 0.06, 0.06, 0.02]);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }), (values) => {
      const adjusted = holm(values);
      values.forEach((value, at) => {
        expect(adjusted[at]).toBeGreaterThanOrEqual(value);
        expect(adjusted[at]).toBeLessThanOrEqual(1);
        values.forEach((other, to) => {
          if (value <= other) expect(adjusted[at]).toBeLessThanOrEqual(adjusted[to]);
        });
      });
    }),
  );
});

describe('words follow numbers', () => {
  const variance = { queries: 0.001, answers: 0.001, seeds: 0 };
  const sample = { products: 60, queries: 296, seeds: 3, rows: 1, noun: 'photos' };

  test('the sentence of an unclear row, of a clear one, and of one seed', () => {
    const unclear = { value: -0.041, low: -0.102, high: 0.019, variance };
    expect(describeDifference(unclear, 0.2, sample)).toBe(
      'lower by 4.1 [-1.9, 10.2], 60 products, 296 photos x 3 seeds: not distinguishable',
    );
    const clear = { value: 0.05, low: 0.02, high: 0.08, variance };
    expect(describeDifference(clear, 0.01, sample)).toBe(
      'higher by 5.0 [2.0, 8.0], 60 products, 296 photos x 3 seeds: distinguishable',
    );
    expect(describeDifference(clear, 0.06, sample)).toContain(': not distinguishable');
    expect(describeDifference(clear, 0.01, { ...sample, seeds: 1 })).toContain(
      'but one seed cannot show seed variance',
    );
  });

  test('more seeds cannot settle what the draw of queries hides, more queries not what seeds hide', () => {
    const of = (value: number, queries: number, answers: number, seeds: number) =>
      settling({ value, low: 0, high: 0, variance: { queries, answers, seeds } }, { ...sample, queries: 300 });
    expect(of(0.01, 0.01, 0, 0).seeds).toBeNull();
    expect(of(0.01, 0.0001, 0, 0.01).queries).toBeNull();
    // Twice as near to 0 takes four times the queries.
    const [far, near] = [of(0.02, 0.001, 0, 0).queries!, of(0.01, 0.001, 0, 0).queries!];
    expect(near / far).toBeCloseTo(4, 1);
    // What has just failed to settle it is not proposed again.
    expect(of(0.5, 0.001, 0.001, 0)).toEqual({ seeds: 4, queries: 301 });
  });
});
