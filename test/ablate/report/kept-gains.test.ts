import { describe, expect, test } from 'vitest';
import { keptGains, keptGainsText } from '../../../src/ablate/report/kept-gains.js';
import type { FinishedRow } from '../../../src/ablate/report/study-table.js';
import type { TrialResult } from '../../../src/ablate/run/trial.js';

const cost = { parameters: 1, activeParameters: 1, flops: 0, seconds: 0, memory: null };
const QUERIES = 60;

/** A row that is right in the first `right` of 60 queries of each task. */
function row(name: string, right: Record<string, number>, moved?: number): FinishedRow {
  const result: TrialResult = {
    tasks: Object.keys(right).map((task) => ({
      name: task,
      kind: 'choice',
      query: 'photo',
      gallery: 'texts',
      products: 'unseen',
      n: QUERIES,
      items: 4,
      chance: { accuracy: 0.25 },
    })),
    rows: Object.entries(right).flatMap(([task, count]) =>
      Array.from({ length: QUERIES }, (_, at) => {
        const before = at < count ? 0 : 1;
        return { task, query: `${at}`, product: `p${at % 30}`, gold: ['a'], before, tied: 0, relevant: 1, best: ['a'] };
      }),
    ),
    cost,
    ...(moved !== undefined && { moved }),
  };
  return { name, difference: [], factors: [], results: new Map([1, 2, 3].map((seed) => [seed, result])) };
}

const base = row('base', { colour: 15, box: 12 });
const painter = row('painter', { colour: 45, box: 10 });
const finder = row('finder', { colour: 12, box: 42 });
const experts = { colour: 'painter', box: 'finder' };

describe("what a row keeps of the experts' gains", () => {
  test('is 1 for an expert on its own task, and the fraction of the gain for others', () => {
    const merged = row('merged', { colour: 30, box: 36 }, 0.1);
    const kept = keptGains(experts, [base, painter, finder, merged], 200);
    if ('none' in kept) throw new Error(kept.none);
    expect(kept.experts.map(({ row: name, gain }) => [name, gain.value])).toEqual([
      ['painter', 0.5],
      ['finder', 0.5],
    ]);
    const of = (name: string) => kept.rows.find((each) => each.name === name)!;
    expect(of('painter').kept.colour).toEqual({ value: 1, low: 1, high: 1 });
    expect(of('merged').kept.colour.value).toBeCloseTo(0.5, 12);
    expect(of('merged').kept.box.value).toBeCloseTo(0.8, 12);
    expect(of('merged').mean.value).toBeCloseTo(0.65, 12);
    expect(of('merged').worst.value).toBeCloseTo(0.5, 12);
    expect(of('merged').mean.low).toBeLessThan(0.65);
    expect(of('merged').mean.high).toBeGreaterThan(0.65);
    expect(of('merged').moved).toBeCloseTo(0.1, 12);
    // Below the base on the other's task.
    expect(of('finder').worst.value).toBeCloseTo(-0.1, 12);
    expect(keptGainsText(kept)).toContain('merged: mean 65.0');
  });

  test('is not told where an expert has no clear gain', () => {
    const weak = row('finder', { colour: 12, box: 13 });
    const kept = keptGains(experts, [base, painter, weak], 200);
    expect(kept).toEqual({ none: expect.stringContaining('finder has no clear gain over the base on box: 1.7 [') });
    expect(keptGainsText(kept)).toMatch(/^Kept of the experts' gains: no scores\./);
  });

  test('waits for the trials', () => {
    expect(keptGains(experts, [base, painter], 50)).toEqual({ none: 'no trial of finder is finished yet' });
    expect(keptGains(experts, [], 50)).toEqual({ none: 'no trial of painter is finished yet' });
  });
});
