import { expect, test } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import { clusterBootstrap } from '../../src/evaluate/bootstrap.js';

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
