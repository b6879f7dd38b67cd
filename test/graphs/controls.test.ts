import { expect, test } from 'vitest';
import { ink, majority } from '../../src/graphs/controls.js';
import { drawGraph, graphStyles } from '../../src/graphs/draw.js';
import { someQuestions } from './some-graphs.js';

const known = someQuestions.filter(({ split }) => split === 'train');
const asked = someQuestions.filter(({ split }) => split === 'dev');

test('the majority is one answer a kind, the most frequent of training', () => {
  const guess = majority(known);
  for (const kind of new Set(asked.map((question) => question.kind))) {
    const guesses = new Set(asked.filter((question) => question.kind === kind).map(guess));
    expect(guesses.size).toBe(1);
    const [most] = guesses;
    const times = (answer: string) => known.filter((each) => each.kind === kind && each.answer === answer).length;
    for (const question of known)
      if (question.kind === kind) expect(times(question.answer)).toBeLessThanOrEqual(times(most));
  }
});

test('ink finds the answer of a picture it knows among copies of it, and else one of the kind', () => {
  const rasterOf = ({ graph, layouts }: (typeof known)[number]) => drawGraph(graph, layouts.plain, graphStyles.plain);
  const few = known.filter(({ kind }) => kind === 'count').slice(0, 12);
  const copies = few.flatMap((question) => Array.from({ length: 9 }, () => question));
  const guess = ink(copies, rasterOf);
  for (const question of few) expect(guess(question)).toBe(question.answer);
  for (const question of asked.filter(({ kind }) => kind === 'count').slice(0, 8))
    expect(few.map(({ answer }) => answer)).toContain(guess(question));
});
