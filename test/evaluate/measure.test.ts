import { describe, expect, test } from 'vitest';
import { GROCERY_PACK } from '../../src/datasets/grocery/pack.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { tasksOf } from '../../src/datasets/tasks.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import { measureTask } from '../../src/evaluate/measure.js';
import { bm25, splitWords } from '../../src/search/bm25.js';
import type { Embeddings } from '../../src/search/embeddings.js';
import { rankItems } from '../../src/search/ranks.js';
import { bootstrapAll } from '../../src/statistics/bootstrap.js';
import { classStatistics, rankByMajority } from '../../src/tasks/kinds/classification.js';
import type { Answered } from '../../src/tasks/kinds/index.js';
import { rankByText } from '../../src/tasks/kinds/rank-by-words.js';
import type { Task } from '../../src/tasks/task.js';

const width = 64;

/** A vector for every name, the same in every call. */
function vectorsOf(names: readonly string[]): Embeddings {
  const vectors = new Float32Array(names.length * width);
  names.forEach((name, at) => {
    const { normal } = randomStream(1, name);
    const own = Array.from({ length: width }, normal);
    const length = Math.hypot(...own);
    vectors.set(
      own.map((value) => value / length),
      at * width,
    );
  });
  return { ids: [...names], vectors, width };
}

function measure({ asks, ...task }: Task, queries: Embeddings, items: Embeddings) {
  const gold = asks.map((ask) => ask.gold);
  const named = { ...queries, ids: asks.map(({ id }) => id) };
  return measureTask({ asks, ...task }, 'seen', { main: [rankItems(named, gold, items)], controls: {} }, { draws: 20 });
}

describe('every task of the grocery pack', async () => {
  const tasks = tasksOf({ catalogue: await openCatalogue(GROCERY_PACK), split: 'val' });

  test('scores chance exactly when all embeddings are equal', () => {
    for (const task of tasks) {
      const ones = (count: number) => new Float32Array(count * width).fill(1);
      const items = { ids: task.items.map(({ id }) => id), vectors: ones(task.items.length), width };
      const { metrics, chance } = measure(task, { ids: [], vectors: ones(task.asks.length), width }, items);
      for (const [metric, { value }] of Object.entries(metrics))
        expect(value, `${task.name} ${metric}`).toBeCloseTo(chance[metric], 10);
    }
  });

  test('scores 100 when every query is what it asks for', () => {
    for (const task of tasks) {
      const items = vectorsOf(task.items.map(({ id }) => id));
      const queries = vectorsOf(task.asks.map(({ gold }) => gold[0]));
      const { metrics } = measure(task, queries, items);
      const shares = Object.entries(metrics).filter(([metric]) => metric !== 'median rank' && metric !== 'macro F1');
      for (const [metric, { value, low, high }] of shares)
        expect([task.name, metric, value, low, high]).toEqual([task.name, metric, 1, 1, 1]);
      if (task.kind === 'retrieval') expect(metrics['median rank'].value).toBe(1);
      // A class whose queries are all right by another of their labels was never said: it counts 0, not 0 / 0.
      else expect(metrics['macro F1'].value).toBeGreaterThan(0);
      // The first of several values is never the second one's class.
      if (task.asks.every(({ gold }) => gold.length === 1) && task.kind === 'classification')
        expect(metrics['macro F1'].value).toBe(1);
    }
  });

  test('chance is that of guessing', () => {
    const chanceOf = (name: string) => {
      const task = tasks.find((each) => each.name === name)!;
      const same = vectorsOf(task.items.map(({ id }) => id));
      return measure(task, vectorsOf(task.asks.map(({ id }) => id)), same).chance;
    };
    expect(chanceOf('g1.full')['R@10']).toBeCloseTo(10 / 81, 12);
    expect(chanceOf('g5.top').accuracy).toBeCloseTo(1 / 3, 12);
    expect(chanceOf('g5.coarse').accuracy).toBeCloseTo(1 / 43, 12);
  });

  test('BM25 finds products by their held-back titles, and leaves no tensor', async () => {
    const task = tasks.find(({ name }) => name === 'g3.full')!;
    const { result, leaked } = await countLeaks(() => rankByText(task));
    expect(leaked).toBe(0);
    if ('none' in result) throw new Error(result.none);
    const { metrics } = measureTask(task, 'seen', { main: [result], controls: {} }, { draws: 20 });
    expect(metrics['R@1'].value).toBeGreaterThan(0.6);
    expect(rankByText(tasks.find(({ name }) => name === 'g1.full')!)).toEqual({ none: 'the queries hold no text' });
    expect(rankByMajority(task)).toEqual({ none: 'no product for training has a label' });
  });
});

test('BM25 is the textbook sum', () => {
  const documents = ['red cotton shirt', 'blue shirt, blue jeans', 'green apple', 'Red apple and red shirt'];
  const bags = documents.map(splitWords);
  const mean = bags.reduce((sum, { length }) => sum + length, 0) / bags.length;
  const scores = bm25(documents)('Red SHIRT, red');
  documents.forEach((_, at) => {
    const expected = ['red', 'shirt', 'red'].reduce((sum, word) => {
      const holding = bags.filter((bag) => bag.includes(word)).length;
      const count = bags[at].filter((each) => each === word).length;
      const idf = Math.log(1 + (4 - holding + 0.5) / (holding + 0.5));
      return sum + (idf * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * bags[at].length) / mean));
    }, 0);
    expect(scores[at]).toBeCloseTo(expected, 6);
  });
});

test('classification metrics are those of a confusion matrix', () => {
  const { integer } = randomStream(4, 'confusion');
  const labels = ['a', 'b', 'c', 'd'];
  const golds = Array.from({ length: 60 }, () => labels[integer(3)]);
  const predicted = golds.map((gold) => (integer(2) ? gold : labels[integer(4)]));
  const predictions = predicted.map(
    (label, at): Answered => ({ before: label === golds[at] ? 0 : 1, tied: 0, relevant: 1, best: [label] }),
  );
  const ones = new Float64Array(60).fill(1);
  const statistics = classStatistics(
    predictions,
    golds.map((gold) => [gold]),
  );
  const classes = [...new Set(golds)];
  const count = (test: (at: number) => boolean) => golds.filter((_, at) => test(at)).length;
  const f1 = classes.map((label) => {
    const right = count((at) => golds[at] === label && predicted[at] === label);
    const precision =
      right /
      Math.max(
        1,
        count((at) => predicted[at] === label),
      );
    const recall = right / count((at) => golds[at] === label);
    return right ? (2 * precision * recall) / (precision + recall) : 0;
  });
  const recalls = classes.map(
    (label) => count((at) => golds[at] === label && predicted[at] === label) / count((at) => golds[at] === label),
  );
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(statistics.accuracy(ones)).toBeCloseTo(count((at) => golds[at] === predicted[at]) / 60, 12);
  expect(statistics['macro accuracy'](ones)).toBeCloseTo(mean(recalls), 12);
  expect(statistics['macro F1'](ones)).toBeCloseTo(mean(f1), 12);
});

test('an interval of a mean over rare classes holds its value', () => {
  const labels = Array.from({ length: 80 }, (_, at) => `label ${Math.min(at, 40)}`);
  const predictions = labels.map((): Answered => ({ before: 1, tied: 0, relevant: 1, best: ['label 40'] }));
  predictions.fill({ before: 0, tied: 0, relevant: 1, best: ['label 40'] }, 40);
  const statistics = classStatistics(
    predictions,
    labels.map((label) => [label]),
  );
  for (const statistic of Object.values(statistics)) {
    const [{ value, low, high }] = bootstrapAll(
      [[statistic]],
      labels.map((_, at) => `p${at}`),
    );
    expect(low).toBeLessThanOrEqual(value);
    expect(high).toBeGreaterThanOrEqual(value);
  }
});
