import { describe, expect, test } from 'vitest';
import { parseAnswer, rightAnswer, writeAnswer } from '../../src/graphs/answer.js';
import { exact } from '../../src/graphs/rewards/exact.js';
import { format } from '../../src/graphs/rewards/format.js';
import { knowledge } from '../../src/graphs/rewards/knowledge.js';
import { rewardOf } from '../../src/graphs/train-rows.js';
import { someQuestions } from './some-graphs.js';

test('an answer that was written is read as it was', () => {
  for (const question of someQuestions) {
    const right = rightAnswer(question);
    expect(parseAnswer(writeAnswer(right))).toEqual(right);
  }
});

test('a text of another form is no answer', () => {
  expect(parseAnswer('red mug goes with teal bowl; answer: 2')).toEqual({
    listed: ['red mug goes with teal bowl'],
    answer: '2',
  });
  for (const text of [
    '',
    'teal bowl',
    'answer:',
    'red mug goes with teal bowl answer: 2',
    'red mug; answer: 2',
    'goes with teal bowl; answer: 2',
    'answer: 2 answer: 3',
    'answer: red mug goes with teal bowl;',
  ])
    expect(parseAnswer(text), text).toBeUndefined();
});

describe('rewards', () => {
  const [a, b, c] = ['red mug replaces blue mug', 'blue mug has colour blue', 'red mug has colour red'];
  const right = { listed: [a, b], answer: 'blue' };

  test('the answer counts by itself', () => {
    expect(exact({ listed: [], answer: 'blue' }, right)).toBe(1);
    expect(exact({ listed: [a, b], answer: 'red' }, right)).toBe(0);
    expect(exact(undefined, right)).toBe(0);
  });

  test('triples count by F1, so that listing many costs', () => {
    const of = (...listed: string[]) => knowledge({ listed, answer: 'red' }, right);
    expect(of(a, b)).toBe(1);
    expect(of(b, a)).toBe(1);
    expect(of(a)).toBeCloseTo(2 / 3, 9);
    expect(of(a, b, c)).toBeCloseTo(4 / 5, 9);
    expect(of(a, a)).toBeCloseTo(1 / 2, 9);
    expect(of(c)).toBe(0);
    expect(of()).toBe(0);
    expect(knowledge({ listed: [], answer: '0' }, { listed: [], answer: '0' })).toBe(1);
    expect(knowledge({ listed: [a], answer: '0' }, { listed: [], answer: '0' })).toBe(0);
    expect(knowledge(undefined, right)).toBe(0);
  });

  test('the form counts by itself, and all of them in sum', () => {
    expect(format({ listed: [], answer: 'no idea' }, right)).toBe(1);
    expect(format(undefined, right)).toBe(0);
    const asked = { id: 'q', prompt: 'which', answer: 'attribute' as const, text: writeAnswer(right) };
    const product = { id: 'q', title: '', category: [], attributes: {}, images: [] };
    const reward = (isKnown: boolean, text: string) =>
      rewardOf(isKnown)({ text, ids: [], ended: 'stop' }, product, asked);
    expect(reward(false, writeAnswer(right))).toBeCloseTo(1.1, 9);
    expect(reward(true, writeAnswer(right))).toBeCloseTo(2.1, 9);
    expect(reward(true, `${a}; answer: red`)).toBeCloseTo(0.1 + 2 / 3, 9);
    expect(reward(true, 'blue')).toBe(0);
  });
});
