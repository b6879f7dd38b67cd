import { describe, expect, test } from 'vitest';
import { GROCERY_PACK } from '../../src/datasets/grocery/pack.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { tasksOf } from '../../src/datasets/tasks.js';
import { prepare } from '../../src/encoder/prepare.js';
import { evaluateTasks } from '../../src/evaluate/evaluate.js';
import { rankOf } from '../../src/evaluate/rank-by-likelihood.js';
import { checkTask } from '../../src/tasks/check-task.js';
import { chanceOf } from '../../src/tasks/kinds/chance.js';
import { shortConfig, shortShop } from '../train/run/short-run.js';

const shop = shortShop();
const tasks = tasksOf({ catalogue: shop, split: 'val' }, ['answers']);
const [category, attribute, box] = tasks;

describe('questions that a network answers in writing', () => {
  test('are made where they are asked for by name, of any data set', async () => {
    expect(tasks.map(({ name }) => name)).toEqual(['answers.category', 'answers.attribute', 'answers.box']);
    expect(tasksOf({ catalogue: shop, split: 'val' }).some(({ kind }) => kind === 'choice')).toBe(false);
    const groceries = await openCatalogue(GROCERY_PACK);
    const [own] = tasksOf({ catalogue: groceries, split: 'val' }, ['answers.category']);
    // 81 products in 43 coarse categories.
    expect(own.items).toHaveLength(43);
    expect(own.asks).toHaveLength(296);
  });

  test('offer the right answer among those of the same kind', () => {
    for (const task of tasks) checkTask(task);
    const products = new Map(shop.products.map((product) => [product.id, product]));
    for (const { product, gold, choices, slices } of attribute.asks) {
      expect(gold).toEqual(products.get(product)!.attributes[slices.asked]);
      const known = new Set(shop.products.map(({ attributes }) => attributes[slices.asked][0]));
      expect(new Set(choices)).toEqual(known);
    }
    expect(new Set(attribute.asks.map(({ slices }) => slices.asked)).size).toBe(6);
    for (const { choices, gold } of box.asks) {
      expect(choices).toHaveLength(8);
      expect(choices!.filter((text) => text === gold[0])).toHaveLength(1);
    }
    for (const { product, gold } of category.asks) expect(gold).toEqual([products.get(product)!.category.join(' > ')]);
  });

  test('have the chance of their own choices', () => {
    expect(chanceOf(box).accuracy).toBeCloseTo(1 / 8, 12);
    const each = attribute.asks.map(({ choices }) => 1 / choices!.length);
    expect(chanceOf(attribute).accuracy).toBeCloseTo(each.reduce((sum, one) => sum + one, 0) / each.length, 12);
  });

  test('refuse choices without the right one', () => {
    const [first] = box.asks;
    const others = first.choices!.filter((text) => !first.gold.includes(text));
    expect(() => checkTask({ ...box, asks: [{ ...first, choices: others }] })).toThrow('is not among the items');
    expect(() => checkTask({ ...box, asks: [{ ...first, choices: ['nowhere'] }] })).toThrow('the choice nowhere');
  });
});

test('the rank of a choice counts ties, and shows the likeliest first', () => {
  const found = rankOf([-3, -1, -1, -2], ['a', 'b', 'c', 'd'], new Set(['c']));
  expect(found).toMatchObject({ before: 0, tied: 1, relevant: 1, similarity: -1, best: ['b', 'c'] });
  expect(found.top.map(({ id }) => id)).toEqual(['b', 'c', 'd', 'a']);
  expect(rankOf([-3, -1], ['a', 'b'], new Set(['a']))).toMatchObject({ before: 1, tied: 0, best: ['b'] });
});

test('an untrained network answers near chance, with blind and shuffled controls beside it', async () => {
  const { encoder, pixels } = await prepare({ ...shortConfig, engine: { compile: false } }, shop);
  const evaluation = await evaluateTasks(encoder, shop, pixels, {
    split: 'val',
    tasks: ['answers.box', 'retrieval.image'],
    rows: true,
    draws: 50,
  });
  encoder.parameters.dispose();
  const [retrieval, written] = evaluation.tasks;
  expect([retrieval.name, written.name]).toEqual(['retrieval.image', 'answers.box']);
  expect(retrieval.controls.textOnly).toBeNull();
  expect(written.controls.textOnly).not.toBeNull();
  expect(written.controls.shuffledImage).not.toBeNull();
  expect(written.reasons.imageOnly).toBe('nothing is asked without a prompt');
  expect(written.metrics.accuracy.low).toBeLessThan(0.3);
  for (const row of written.rows!) expect(row.score).toBeLessThan(0);
});
