import { expect, test } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import { bootstrapAll, clusterBootstrap } from '../../src/statistics/bootstrap.js';
import { meanOf, medianOf } from '../../src/statistics/statistic.js';

test('intervals cover the truth about 95 times in 100 when queries of a product agree', () => {
  const { normal, integer } = randomStream(1, 'simulated studies');
  const studies = 300;
  let covered = 0;
  for (let study = 0; study < studies; study++) {
    const values: number[] = [];
    const clusters: string[] = [];
    for (let product = 0; product < 60; product++) {
      const own = normal();
      for (let photo = 0; photo < 1 + integer(8); photo++) {
        values.push(0.5 + own + 0.5 * normal());
        clusters.push(`p${product}`);
      }
    }
    const { low, high } = clusterBootstrap(values, clusters, { seed: study, draws: 400 });
    if (low <= 0.5 && 0.5 <= high) covered++;
  }
  // Two-sided binomial bounds of 300 draws at 0.95, with room for the bootstrap's known optimism at 60 clusters.
  expect(covered / studies).toBeGreaterThan(0.9);
  expect(covered / studies).toBeLessThanOrEqual(0.99);
});

test('is the same for the same seed, and a point where nothing varies', () => {
  const values = [1, 0, 1, 1, 0];
  const clusters = ['a', 'a', 'b', 'c', 'c'];
  expect(clusterBootstrap(values, clusters, { seed: 3 })).toEqual(clusterBootstrap(values, clusters, { seed: 3 }));
  expect(clusterBootstrap([1, 1, 1], ['a', 'b', 'b'])).toEqual({ value: 1, low: 1, high: 1 });
});

test('intervals of several seeds cover the truth when each seed has luck of its own', () => {
  const { normal } = randomStream(2, 'simulated seeds');
  const clusters = Array.from({ length: 60 }, (_, at) => `p${at >> 1}`);
  const studies = 200;
  const covered = { seeds: 0, pooled: 0 };
  for (let study = 0; study < studies; study++) {
    const products = Array.from({ length: 30 }, normal);
    const seeds = Array.from({ length: 8 }, () => {
      const luck = 0.5 * normal();
      return clusters.map((_, at) => 0.5 + luck + products[at >> 1] + 0.5 * normal());
    });
    const both = bootstrapAll([seeds.map(meanOf)], clusters, { seed: study, draws: 200 })[0];
    const mean = clusters.map((_, at) => seeds.reduce((sum, values) => sum + values[at] / seeds.length, 0));
    const alone = clusterBootstrap(mean, clusters, { seed: study, draws: 200 });
    expect(both.value).toBeCloseTo(alone.value, 9);
    covered.seeds += Number(both.low <= 0.5 && 0.5 <= both.high);
    covered.pooled += Number(alone.low <= 0.5 && 0.5 <= alone.high);
  }
  expect(covered.seeds / studies).toBeGreaterThan(0.9);
  // Averaging first forgets the luck of the seeds.
  expect(covered.seeds).toBeGreaterThan(covered.pooled);
});

test('all statistics of one call share their draws', () => {
  const values = [0.1, 0.4, 0.3, 0.9, 0.5];
  const clusters = ['a', 'a', 'b', 'c', 'c'];
  const [once, shifted] = bootstrapAll([[meanOf(values)], [meanOf(values.map((value) => value + 1))]], clusters);
  expect(shifted.low).toBeCloseTo(once.low + 1, 12);
  expect(shifted.high).toBeCloseTo(once.high + 1, 12);
  expect(once).toEqual(clusterBootstrap(values, clusters));
});

test('a weighted mean and median are those of the values written out as often as they count', () => {
  const { integer, uniform } = randomStream(3, 'weights');
  for (let trial = 0; trial < 200; trial++) {
    const values = Array.from({ length: 1 + integer(7) }, () => Math.round(4 * uniform()));
    const weights = Float64Array.from(values, () => integer(3));
    const written = values.flatMap((value, at) => Array<number>(weights[at]).fill(value)).sort((a, b) => a - b);
    if (!written.length) {
      expect(meanOf(values)(weights)).toBeNaN();
      expect(medianOf(values)(weights)).toBeNaN();
      continue;
    }
    expect(meanOf(values)(weights)).toBeCloseTo(written.reduce((sum, value) => sum + value, 0) / written.length, 12);
    const middle = (written[(written.length - 1) >> 1] + written[written.length >> 1]) / 2;
    expect(medianOf(values)(weights)).toBe(middle);
  }
});
