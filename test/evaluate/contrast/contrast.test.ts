import { describe, expect, test } from 'vitest';
import { effectNames, effectParts } from '../../../src/ablate/report/factorial-effects.js';
import type { Answer } from '../../../src/ablate/run/trial.js';
import { randomStream } from '../../../src/engine/random.js';
import { contrast, differenceOf, type SeedAnswers } from '../../../src/evaluate/contrast/contrast.js';

const asks = Array.from({ length: 30 }, (_, at) => ({ gold: [`p${at % 10}`], product: `p${at % 10}` }));
const quick = { draws: 200, flips: 200 };

/** Answers whose reciprocal ranks are 1 / (before + 1). */
const answers = (seeds: number[], before: (seed: number, query: number) => number): SeedAnswers => ({
  seeds,
  bySeed: seeds.map((seed) =>
    asks.map(
      ({ gold, product }, query): Answer => ({
        task: 't',
        query: `q${query}`,
        product,
        gold,
        before: before(seed, query),
        tied: 0,
        relevant: 1,
        best: gold,
      }),
    ),
  ),
});

const mrr = (row: SeedAnswers) =>
  row.bySeed.flat().reduce((sum, { before }) => sum + 1 / (before + 1), 0) / row.bySeed.flat().length;

describe('a contrast', () => {
  const stream = randomStream(1, 'contrast');
  const base = answers([1, 2, 3], () => stream.integer(6));

  test('is the difference of means over the seeds that both rows have', () => {
    const row = answers([2, 3, 4], () => stream.integer(6));
    const found = contrast('retrieval', asks, differenceOf(row, base), quick)!;
    expect(found.seeds).toEqual([2, 3]);
    const of = ({ bySeed, seeds }: SeedAnswers) =>
      mrr({ seeds: [], bySeed: bySeed.filter((_, at) => [2, 3].includes(seeds[at])) });
    expect(found.metrics.MRR.value).toBeCloseTo(of(row) - of(base), 12);
    expect(
      contrast(
        'retrieval',
        asks,
        differenceOf(
          answers([9], () => 0),
          base,
        ),
        quick,
      ),
    ).toBeUndefined();
  });

  test('of a row with itself is nothing at all', () => {
    const { MRR } = contrast('retrieval', asks, differenceOf(base, base), quick)!.metrics;
    expect(MRR).toMatchObject({ value: 0, low: 0, high: 0, p: 1, effectSize: null });
  });

  test('is paired: what queries have in common does not widen it', () => {
    const hard = asks.map(() => 3 + stream.integer(10));
    const row = answers([1, 2, 3], (_, query) => hard[query] + 1);
    const same = answers([1, 2, 3], (_, query) => hard[query]);
    const { MRR } = contrast('retrieval', asks, differenceOf(row, same), quick)!.metrics;
    expect(MRR.high).toBeLessThan(0);
    expect(MRR.p).toBeLessThan(0.05);
  });
});

test('a factorial of known numbers gives back its main effects and its interaction', () => {
  // Ranks of one product more or less, so that reciprocal ranks are exactly these.
  const trials = [
    { factors: [], value: 1 },
    { factors: ['a'], value: 1 / 2 },
    { factors: ['b'], value: 1 / 4 },
    { factors: ['a', 'b'], value: 1 / 5 },
  ].map(({ factors, value }) => ({ factors, answers: answers([1, 2], () => Math.round(1 / value) - 1) }));
  const effect = (chosen: string[]) =>
    contrast('retrieval', asks, effectParts(chosen, trials), quick)!.metrics.MRR.value;
  expect(effectNames(['a', 'b']).map(({ name }) => name)).toEqual(['a', 'b', 'a x b']);
  expect(effect(['a'])).toBeCloseTo((1 / 2 + 1 / 5) / 2 - (1 + 1 / 4) / 2, 12);
  expect(effect(['b'])).toBeCloseTo((1 / 4 + 1 / 5) / 2 - (1 + 1 / 2) / 2, 12);
  expect(effect(['a', 'b'])).toBeCloseTo((1 / 5 - 1 / 4 - (1 / 2 - 1)) / 2, 12);
});
