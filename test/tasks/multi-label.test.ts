import fc from 'fast-check';
import { expect, test } from 'vitest';
import { multiLabelScores } from '../../src/tasks/multi-label.js';

const gallery = (counts: Record<string, number>) => (label: string) => counts[label] ?? 0;

test('the scores of a small case by hand', () => {
  // Two of a and one of b are expected among six; c is no label.
  const query = {
    found: ['a', 'c', 'b', 'a', 'c', 'a', 'b'],
    labels: ['a', 'b'],
    gallery: gallery({ a: 2, b: 5, c: 9 }),
  };
  const { AP, APk, precision, recall } = multiLabelScores(query, 6);
  const sum = 1 / 1 + 2 / 3 + 3 / 4 + 4 / 6;
  expect(AP).toBeCloseTo(sum / 4, 12);
  expect(APk).toBeCloseTo(sum / 6, 12);
  expect(precision).toBeCloseTo(4 / 6, 12);
  expect(recall).toBeCloseTo((2 / 2 + 1 / 3) / 2, 12);
});

test('theirs favours few hits: one at the top is perfect, whatever is missed', () => {
  const query = { found: ['a', 'x', 'x', 'x'], labels: ['a', 'b'], gallery: gallery({ a: 10, b: 10 }) };
  const { AP, APk, recall } = multiLabelScores(query, 4);
  expect(AP).toBe(1);
  expect(APk).toBe(0.25);
  expect(recall).toBe(0.25);
});

test('everything found is 1 by all but precision, nothing found is 0, and copies of a label are expected twice', () => {
  const all = { found: ['a', 'a', 'b', 'b'], labels: ['a', 'b'], gallery: gallery({ a: 2, b: 2 }) };
  expect(multiLabelScores(all, 4)).toEqual({ AP: 1, APk: 1, precision: 1, recall: 1 });
  expect(multiLabelScores({ ...all, found: ['x', 'x', 'x', 'x'] }, 4)).toEqual({
    AP: 0,
    APk: 0,
    precision: 0,
    recall: 0,
  });
  const twice = { found: ['a', 'b', 'a', 'x', 'x', 'x'], labels: ['a', 'a', 'b'], gallery: gallery({ a: 9, b: 9 }) };
  expect(multiLabelScores(twice, 6).recall).toBeCloseTo((2 / 4 + 1 / 2) / 2, 12);
});

test('is between 0 and 1, and a hit that moves up never lowers the usual average precision', () => {
  const label = fc.constantFrom('a', 'b', 'x', 'y');
  fc.assert(
    fc.property(fc.array(label, { minLength: 8, maxLength: 8 }), fc.integer({ min: 1, max: 7 }), (found, at) => {
      const query = { labels: ['a', 'b'], gallery: gallery({ a: 3, b: 3 }), found };
      const scores = multiLabelScores(query, 8);
      for (const score of [scores.AP, scores.precision, scores.recall]) {
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }
      const isHit = (one: string) => one === 'a' || one === 'b';
      if (!isHit(found[at]) || isHit(found[at - 1])) return;
      const moved = [...found];
      [moved[at - 1], moved[at]] = [moved[at], moved[at - 1]];
      expect(multiLabelScores({ ...query, found: moved }, 8).APk).toBeGreaterThan(scores.APk);
    }),
  );
});

test('refuses what it cannot score', () => {
  const query = { found: [], labels: [], gallery: gallery({}) };
  expect(() => multiLabelScores(query, 5)).toThrow('labels: got []');
  expect(() => multiLabelScores({ ...query, labels: ['a', 'b'] }, 1)).toThrow(
    'k: got 1, expected an integer of at least 2',
  );
});
