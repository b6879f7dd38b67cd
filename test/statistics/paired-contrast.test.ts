import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import { effectSize } from '../../src/statistics/effect-size.js';
import { type ContrastPart, pairedContrast } from '../../src/statistics/paired-contrast.js';
import { seedIntervals } from '../../src/statistics/seed-interval.js';
import { clusterMeans, signFlip } from '../../src/statistics/sign-flip.js';
import { meanOf, medianOf } from '../../src/statistics/statistic.js';

const { normal } = randomStream(5, 'paired contrast');
const clusters = Array.from({ length: 24 }, (_, at) => `p${Math.floor(at / 3)}`);
const drawn = (seeds: number) => Array.from({ length: seeds }, () => clusters.map(() => normal()));
const partOf = (weight: number, bySeed: number[][]): ContrastPart => ({
  weight,
  statistics: { score: bySeed.map(meanOf), middle: bySeed.map(medianOf) },
  values: { score: bySeed },
});

describe('a contrast', () => {
  const [one, other] = [drawn(3), drawn(3)];
  const quick = { draws: 300, flips: 300 };
  const found = pairedContrast([partOf(1, one), partOf(-1, other)], clusters, quick);

  test('has the interval of the paired differences, and the test of their product means', () => {
    const differences = one.map((own, seed) => own.map((value, query) => value - other[seed][query]));
    const [interval] = seedIntervals([differences.map(meanOf)], clusters, { draws: 300 });
    for (const name of ['value', 'low', 'high'] as const) expect(found.score[name]).toBeCloseTo(interval[name], 12);
    const overSeeds = clusters.map((_, query) => differences.reduce((sum, own) => sum + own[query] / 3, 0));
    const means = clusterMeans(overSeeds, clusters);
    expect(found.score.p).toBe(signFlip(means, { draws: 300 }));
    expect(found.score.effectSize).toBeCloseTo(effectSize(means)!, 12);
  });

  test('of a metric that is no mean over queries has an interval alone', () => {
    expect(found.middle).toMatchObject({ p: null, effectSize: null });
    const ones = new Float64Array(clusters.length).fill(1);
    const expected = one.reduce((sum, own, s) => sum + (medianOf(own)(ones) - medianOf(other[s])(ones)) / 3, 0);
    expect(found.middle.value).toBeCloseTo(expected, 12);
  });

  test('of halves that cancel is 0, and weights count', () => {
    const none = pairedContrast([partOf(0.5, one), partOf(-0.5, one)], clusters, quick);
    expect(none.score).toMatchObject({ value: 0, low: 0, high: 0, p: 1, effectSize: null });
    const twice = pairedContrast([partOf(2, one), partOf(-2, other)], clusters, quick);
    expect(twice.score.value).toBeCloseTo(2 * found.score.value, 12);
    expect(twice.score.p).toBe(found.score.p);
  });

  test('needs draws that can differ', () => {
    expect(() => pairedContrast([partOf(1, one)], clusters, { draws: 1 })).toThrow('draws: got 1, expected at least 2');
  });
});

test('the effect size is the mean over the standard deviation', () => {
  expect(effectSize([1, 2, 3, 6])).toBeCloseTo(3 / Math.sqrt((4 + 1 + 0 + 9) / 3), 12);
  expect(effectSize([-2, -2, -2])).toBeNull();
  expect(effectSize([4])).toBeNull();
});
