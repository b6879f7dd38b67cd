import { expect, test } from 'vitest';
import type { Evaluation } from '../../src/evaluate/evaluate.js';
import { resultSentence } from '../../src/evaluate/summary/result-sentence.js';
import { summaryOf } from '../../src/evaluate/summary/summary.js';
import { summaryText } from '../../src/evaluate/summary/summary-text.js';
import type { TaskResult } from '../../src/evaluate/task-result.js';

const exactly = (value: number) => ({ value, low: value - 0.05, high: value + 0.05 });
const metrics = (value: number) => ({
  'R@1': exactly(value),
  'R@10': exactly(value + 0.3),
  MRR: exactly(value + 0.1),
  'median rank': { value: 3, low: 2, high: 4 },
});
const task = (name: string, more: Partial<TaskResult> = {}): TaskResult => ({
  name,
  kind: 'retrieval',
  query: 'photo + crop',
  gallery: 'everything',
  products: 'seen',
  n: 296,
  items: 81,
  chance: { 'R@1': 0.012, 'R@10': 0.123, MRR: 0.061 },
  metrics: metrics(0.4),
  controls: {},
  reasons: {},
  slices: {},
  ...more,
});

const evaluation: Evaluation = {
  data: 'grocery',
  split: 'val',
  seeds: [1, 2],
  found: {} as Evaluation['found'],
  missingImages: 0,
  tasks: [
    task('g1.iconic', { title: 'photo -> picture of a product' }),
    task('g1.full', {
      title: 'photo -> product',
      controls: { textOnly: null, galleryImageOnly: metrics(0.3), untrained: metrics(0.02) },
      reasons: { textOnly: 'the queries hold nothing but image' },
    }),
    task('g3.full', { title: "shop's title -> product", n: 80, controls: { bm25: metrics(0.6) } }),
    task('g3.full.variation', { isVariant: true }),
    task('g5.coarse', {
      title: 'photo -> coarse category',
      kind: 'classification',
      chance: { accuracy: 0.023 },
      metrics: { accuracy: exactly(0.48) },
      controls: { majority: { accuracy: exactly(0.1) } },
    }),
  ],
};

test('the summary puts the headline beside controls, chance and rivals, and tells other tasks in a line each', () => {
  expect(summaryText(evaluation).split('\n')).toEqual(
    [
      '296 queries of the validation split, 81 answers to choose from, seen products, seeds 1, 2; 95% intervals in brackets',
      '                                                          R@1 %             R@10 %              MRR %',
      'photo -> product                              40.0 [35.0, 45.0]  70.0 [65.0, 75.0]  50.0 [45.0, 55.0]',
      '  products without text                       30.0 [25.0, 35.0]  60.0 [55.0, 65.0]  40.0 [35.0, 45.0]',
      '  untrained network                             2.0 [-3.0, 7.0]  32.0 [27.0, 37.0]   12.0 [7.0, 17.0]',
      '  chance                                                    1.2               12.3                6.1',
      '  frozen EfficientNet-lite0, nearest picture*              36.5               76.0                  -',
      '  supervised network in PyTorch, 40 minutes*               40.9               86.1                  -',
      '* measured in Python on the same photos; see notebooks/results/README.md',
      '',
      'other tasks                 n                      result                                          beside it',
      "shop's title -> product    80     R@1 40.0% [35.0, 45.0]               chance 1.2, BM25, words alone 60.0",
      'photo -> coarse category  296  accuracy 48.0% [43.0, 53.0]  chance 2.3, always the most frequent label 10.0',
    ].map((line) => expect.stringMatching(spacesApart(line))),
  );
});

/** The same words and numbers, however wide the columns are. */
function spacesApart(line: string): RegExp {
  const words = line
    .trim()
    .split(/ +/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^ *${words.join(' +')}$`);
}

test('of all tasks variations are left out', () => {
  const text = summaryText(evaluation, { all: true });
  expect(text).toContain('photo -> picture of a product');
  expect(text).not.toContain('variation');
});

test('a rival is shown beside the very queries and products that it was measured on, and nowhere else', () => {
  const rivalsOf = (change: Partial<TaskResult>, more: Partial<Evaluation> = {}) =>
    summaryOf({ ...evaluation, tasks: evaluation.tasks.map((each) => ({ ...each, ...change })), ...more }).rivals
      .length;
  expect(rivalsOf({})).toBe(2);
  expect([
    rivalsOf({ n: 295 }),
    rivalsOf({ items: 80 }),
    rivalsOf({}, { split: 'dev' }),
    rivalsOf({}, { data: 'mbe' }),
  ]).toEqual([0, 0, 0, 0]);
});

test('data without a headline in the evaluation are told by their first task', () => {
  const { headline } = summaryOf({ ...evaluation, tasks: evaluation.tasks.slice(2) });
  expect(headline.name).toBe('g3.full');
});

test('the result in words says the same numbers', () => {
  expect(resultSentence(summaryOf(evaluation))).toBe(
    'photo -> product: the right one of 81 comes first for 40.0% [35.0, 45.0] of 296 queries and is among the first ten for 70.0%. For comparison: chance 1.2%, untrained network 2.0%, frozen EfficientNet-lite0, nearest picture 36.5%, supervised network in PyTorch, 40 minutes 40.9%.',
  );
  const [, , , , labels] = evaluation.tasks;
  expect(resultSentence({ headline: labels, rivals: [] })).toBe(
    'photo -> coarse category: accuracy is 48.0% [43.0, 53.0] over 296 queries with 81 answers to choose from. For comparison: chance 2.3%, always the most frequent label 10.0%.',
  );
});
