import { expect, test } from 'vitest';
import { objectiveCurves } from '../../src/evaluate/pieces.js';
import { directionsTable } from '../../src/evaluate/summary/directions-table.js';
import type { TaskResult } from '../../src/evaluate/task-result.js';

const interval = (value: number) => ({ value, low: value - 0.1, high: value + 0.1 });
const task = (name: string, metric: string, value: number, more: Partial<TaskResult> = {}) =>
  ({ name, n: 200, metrics: { [metric]: interval(value) }, chance: { [metric]: 0.05 }, ...more }) as TaskResult;

test('the table has a column a direction, the deepest category and the mean of the attributes', () => {
  const tasks = [
    task('directions.t-mm', 'R@10', 0.631),
    task('directions.i-t', 'R@10', 0.649, { n: 180 }),
    task('classification.top', 'accuracy', 0.9),
    task('classification.leaf', 'accuracy', 0.681),
    task('classification.leaf.own', 'accuracy', 0.1, { isVariant: true }),
    task('attribute.colour', 'accuracy', 0.8),
    task('attribute.size', 'accuracy', 0.6),
  ];
  const { text } = directionsTable([{ name: 'full', tasks }]);
  const [, head, row, note] = text.split('\n');
  expect(head.split(/\s{2,}/).filter(Boolean)).toEqual([
    'n',
    ...['t->mm', 'i->mm', 'mm->mm', 't->i', 'i->t', 'class', 'attribute'].map((name) => `${name} %`),
  ]);
  for (const score of ['63.1 [53.1, 73.1] (chance 5.0)', '64.9 [', '68.1 [', '70.0 [60.0, 80.0]'])
    expect(row).toContain(score);
  expect(row).toMatch(/ - /);
  expect(note).toContain('n = 180 to 200 queries');
  expect(note).toContain('accuracy of classification.leaf and the mean of 2 attributes');
});

test('the weights of objectives are curves where a training has them', () => {
  const records: { step: number; measures: Record<string, number> }[] = [
    { step: 1, measures: { nextToken: 3 } },
    { step: 2, measures: { imageWeight: 0.6, textWeight: 0.4 } },
    { step: 3, measures: { imageWeight: 0.5, textWeight: 0.5 } },
  ];
  expect(objectiveCurves(records)).toEqual([
    { name: 'image', steps: [2, 3], values: [0.6, 0.5] },
    { name: 'text', steps: [2, 3], values: [0.4, 0.5] },
  ]);
});
