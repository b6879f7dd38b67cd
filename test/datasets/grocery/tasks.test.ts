import { beforeAll, describe, expect, test } from 'vitest';
import { unseenFolds, withoutProducts } from '../../../src/data/folds.js';
import { trainedOnOf } from '../../../src/data/trained-on.js';
import { collectTrainingSet } from '../../../src/data/training-set.js';
import { type Catalogue, type Pair, queryForm } from '../../../src/data/types.js';
import { GROCERY_PACK } from '../../../src/datasets/grocery/pack.js';
import { openCatalogue } from '../../../src/datasets/open.js';
import { tasksOf } from '../../../src/datasets/tasks.js';
import { seenProducts } from '../../../src/evaluate/seen-products.js';
import { splitWords } from '../../../src/search/bm25.js';
import type { Task, TaskSource } from '../../../src/tasks/task.js';

let catalogue: Catalogue;
let source: TaskSource;
let tasks: Map<string, Task>;
beforeAll(async () => {
  catalogue = await openCatalogue(GROCERY_PACK);
  source = { catalogue, split: 'val' };
  tasks = new Map(tasksOf(source).map((task) => [task.name, task]));
});

const uniqueItems = (task: Task) => new Set(task.items.map(({ id }) => id)).size;

describe('the protocols on the grocery pack', () => {
  test('G1: 296 photos of 60 seen products against 81', () => {
    for (const name of ['g1.full', 'g1.iconic', 'g1.title', 'g1.photos']) {
      const task = tasks.get(name)!;
      expect([name, task.asks.length, uniqueItems(task)]).toEqual([name, 296, 81]);
      expect(new Set(task.asks.map(({ product }) => product)).size).toBe(60);
      expect(seenProducts([task], [{ trainedOn: trainedOnOf(collectTrainingSet(catalogue)) }], catalogue)).toEqual([
        'seen',
      ]);
      for (const { input } of task.asks) expect(input.kind === 'query' && queryForm(input.query)).toBe('image');
    }
    const photos = tasks.get('g1.photos')!.items.map(({ input }) => input.kind === 'query' && input.query.image?.id);
    expect(photos.every((id) => String(id).startsWith('train/'))).toBe(true);
    const dev = new Set(catalogue.pairs.flatMap(({ query, split }) => (split === 'dev' ? query.id : [])));
    expect(photos.some((id) => dev.has(String(id)))).toBe(false);
  });

  test('G3: 80 titles that stand in no product', () => {
    const task = tasks.get('g3.full')!;
    expect([task.asks.length, uniqueItems(task)]).toEqual([80, 81]);
    const texts = task.asks.map(({ input }) => (input.kind === 'query' ? input.query.text! : ''));
    expect(texts).toContain('Apple Golden Delicious Class 1');
    const shown = JSON.stringify([
      catalogue.products,
      collectTrainingSet(catalogue).products.map(({ texts }) => texts),
    ]);
    expect(texts.filter((text) => splitWords(text).length > 3 && shown.includes(text))).toEqual([]);
  });

  test('G4: a phrase with no word of the title', () => {
    const task = tasks.get('g4')!;
    expect(task.asks.length + Object.values(task.leftOut ?? {}).reduce((sum, n) => sum + n, 0)).toBe(296);
    expect(task.asks.length).toBeGreaterThan(290);
    const titles = new Map(catalogue.products.map(({ id, title }) => [id, splitWords(title)]));
    for (const { input, product } of task.asks) {
      const words = splitWords(input.kind === 'query' ? input.query.text! : '');
      expect(words.length).toBeGreaterThan(0);
      expect(words.filter((word) => titles.get(product)!.includes(word))).toEqual([]);
    }
    const kinds = new Set(task.asks.map(({ slices }) => slices.phrase));
    expect(kinds).toEqual(new Set(['coarse name', 'attributes']));
  });

  test('G5: three levels, by the photo alone and with the label masked', () => {
    const counts = ['top', 'coarse', 'fine'].map((level) => uniqueItems(tasks.get(`g5.${level}`)!));
    expect(counts).toEqual([3, 43, 81]);
    for (const level of ['top', 'coarse', 'fine'])
      for (const form of ['', '.masked', '.unmasked']) expect(tasks.get(`g5.${level}${form}`)!.asks).toHaveLength(296);
    expect(tasks.has('g5.coarse.own')).toBe(true);
    expect(tasks.has('g5.fine.own')).toBe(false);
    for (const { input, gold } of tasks.get('g5.fine.masked')!.asks) {
      if (input.kind !== 'product') throw new Error('a product');
      const { title, attributes, category, images } = input.product;
      expect(title).toBe('');
      expect(images).toHaveLength(1);
      const words = splitWords(JSON.stringify([Object.values(attributes), category]));
      expect(splitWords(gold[0]).filter((word) => words.includes(word))).toEqual([]);
    }
  });

  test('G6: attributes that a product has, values of at least two products', () => {
    const colour = tasks.get('g6.colour')!;
    const values = colour.items.map(({ id }) => id);
    expect(values).toContain('green');
    expect(values).not.toContain('grey');
    expect(colour.majority).toBe('green');
    for (const { gold } of colour.asks) expect(gold.length).toBeGreaterThan(0);
    expect(tasks.get('g6.fat')!.asks.length).toBeLessThan(296);
    expect(tasks.get('g6.fat')!.leftOut!['no label']).toBe(296 - tasks.get('g6.fat')!.asks.length);
  });

  test('a split that only the original layout has works as any other', () => {
    const isPhoto = (pair: Pair) => pair.split === 'val' && pair.query.image;
    const pairs = catalogue.pairs.map((pair): Pair => (isPhoto(pair) ? { ...pair, split: 'test' } : pair));
    const made = tasksOf({ catalogue: { ...catalogue, pairs }, split: 'test' });
    const sizes = (list: Iterable<Task>) => [...list].map(({ name, asks, items }) => [name, asks.length, items.length]);
    expect(sizes(made)).toEqual(sizes(tasks.values()));
  });
});

describe('G2: unseen products', () => {
  const folds = () => unseenFolds(catalogue);

  test('five folds hold every product once, and their share of each top category', () => {
    expect(folds()).toHaveLength(5);
    expect(new Set(folds().flat()).size).toBe(81);
    expect(folds().flat()).toHaveLength(81);
    const topOf = new Map(catalogue.products.map(({ id, category }) => [id, category[0]]));
    for (const top of ['Fruit', 'Packages', 'Vegetables']) {
      const counts = folds().map((fold) => fold.filter((id) => topOf.get(id) === top).length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
    const shuffled = { ...catalogue, products: [...catalogue.products].reverse() };
    expect(unseenFolds(shuffled)).toEqual(folds());
    expect(unseenFolds(catalogue, { seed: 1 })).not.toEqual(folds());
    expect(() => unseenFolds(catalogue, { folds: 1 })).toThrow(/folds: got 1/);
  });

  test('nothing of a fold is left to train on, and the rest is as it was', () => {
    const [fold] = folds();
    const training = withoutProducts(catalogue, fold);
    const out = new Set(fold);
    expect(training.products).toEqual(catalogue.products.filter(({ id }) => !out.has(id)));
    expect(collectTrainingSet(training).products.some(({ product }) => out.has(product.id))).toBe(false);
    expect(training.pairs.some(({ product }) => out.has(product))).toBe(false);
    expect(JSON.stringify(training).includes(`"${fold[0]}"`)).toBe(false);
  });

  test('all photos of a fold ask, against the fold and against all', () => {
    const [fold] = folds();
    const unseen = new Set(fold);
    const made = tasksOf({ catalogue, split: 'val', unseen });
    const names = made.map(({ name }) => name);
    expect(names.slice(0, 2)).toEqual(['g2.fold', 'g2.all']);
    expect(names.slice(2).every((name) => name.startsWith('g6.'))).toBe(true);
    const photos = catalogue.pairs.filter(({ query, product }) => query.image && unseen.has(product)).length;
    for (const task of made.slice(0, 2)) expect(task.asks).toHaveLength(photos);
    const trainedOn = trainedOnOf(collectTrainingSet(withoutProducts(catalogue, fold)));
    expect(new Set(seenProducts(made, [{ trainedOn }], catalogue))).toEqual(new Set(['unseen']));
    expect(made.slice(0, 2).map(uniqueItems)).toEqual([fold.length, 81]);
    const onDev = tasksOf({ catalogue, split: 'dev', unseen }, ['g2.all'])[0].asks;
    expect(onDev.some(({ id }) => id.startsWith('val/'))).toBe(false);
  });
});
