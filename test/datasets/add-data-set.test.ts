import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { startCatalogue } from '../../src/data/catalogue-builder.js';
import { readConfig } from '../../src/datasets/bases.js';
import type { DataSet } from '../../src/datasets/data-set.js';
import { foldOf } from '../../src/datasets/folds.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { addDataSet } from '../../src/datasets/index.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { headlineTask, tasksOf } from '../../src/datasets/tasks.js';
import { attributeLabel, labelTasks } from '../../src/tasks/labels.js';
import { productItems, retrievalTask } from '../../src/tasks/retrieval-task.js';
import { mainImages, productsById } from '../../src/tasks/subjects.js';
import { textInput } from '../../src/tasks/task.js';
import { dataFolder, picture } from '../data/data-folder.js';

/** Books: `books.txt` with a line `id|title|colour` each, beside a table that would be read without it. */
const books: DataSet = {
  name: 'books',
  adapter: {
    recognises: async (path) => existsSync(join(path, 'books.txt')),
    async read(path) {
      const builder = await startCatalogue('books', path);
      const lines = readFileSync(join(path, 'books.txt'), 'utf8').trim().split('\n');
      for (const [at, line] of lines.entries()) {
        const [id, title, colour] = line.split('|');
        const place = { file: 'books.txt', line: at + 1 };
        const image = await builder.image([`${id}.jpg`], place);
        builder.add({ id, title, category: [], attributes: { colour: [colour] }, images: image ? [image] : [] }, place);
        builder.pairs.push({ query: { id: `${id}/q`, text: `the ${title}` }, product: id, split: 'val' });
      }
      return builder.finish();
    },
  },
  tasks(source) {
    const { catalogue, split } = source;
    const products = productsById(catalogue);
    const questions = catalogue.pairs
      .filter((pair) => pair.split === split)
      .map(({ query: { id, text = '' }, product }) => ({
        id,
        input: textInput(id, text),
        product: products.get(product)!,
      }));
    return [
      ...retrievalTask('books.title', { query: 'text', gallery: 'all' }, questions, productItems(catalogue.products)),
      ...labelTasks('books.colour', attributeLabel('colour'), mainImages(catalogue.products), source),
    ];
  },
  headline: 'books.title',
  recipes: { bookish: { ...grocery, imageSize: 96 } },
  folds: ({ products }) => [0, 1].map((fold) => products.flatMap(({ id }, at) => (at % 2 === fold ? id : []))),
  aliases: { red: ['ruby'] },
};

beforeAll(() => addDataSet(books));

async function library() {
  const lines = ['a|Ruby Tales|red', 'b|Blue Ruby|blue', 'c|Third|red'];
  return openCatalogue(
    dataFolder({
      'books.txt': lines.join('\n'),
      'table.csv': 'id,title\n1,not this one\n',
      'a.jpg': await picture(1),
      'b.jpg': await picture(2),
    }),
  );
}

describe('a data set that is added in one place', () => {
  test('is recognised before the table beside it, and read', async () => {
    const { adapter, products, issues } = await library();
    expect(adapter).toBe('books');
    expect(products.map(({ id, images }) => [id, images.length])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 0],
    ]);
    expect(issues.map(({ kind, file, line }) => [kind, file, line])).toEqual([['missing-image', 'books.txt', 3]]);
  });

  test('has its tasks and headline, and masks its own words for a label', async () => {
    const catalogue = await library();
    expect(headlineTask(catalogue)).toBe('books.title');
    const tasks = tasksOf({ catalogue, split: 'val' });
    expect(tasks.map(({ name }) => name)).toEqual(
      ['', '.own', '.masked', '.unmasked'].map((form) => `books.colour${form}`).toSpliced(0, 0, 'books.title'),
    );
    const [masked] = tasksOf({ catalogue, split: 'val' }, ['books.colour.masked']);
    const titles = masked.asks.map(({ input }) => (input.kind === 'product' ? input.product.title : ''));
    // 'Ruby' gives red away, and says nothing of blue.
    expect(titles).toEqual(['[mask] Tales', '[mask] Ruby']);
  });

  test('has its recipe among the bases', () => {
    expect(readConfig({ base: 'bookish', seed: 5 })).toMatchObject({
      imageSize: 96,
      seed: 5,
      sampler: grocery.sampler,
    });
    expect(() => readConfig({ base: 'bookisch' })).toThrow(/grocery \| .* \| bookish/);
  });

  test('has its folds', async () => {
    const catalogue = await library();
    expect(foldOf(catalogue, 2)).toEqual(['b']);
    expect(() => foldOf(catalogue, 3)).toThrow('fold: got 3, expected an integer from 1 to 2.');
    expect(() => foldOf({ ...catalogue, adapter: 'mbe' }, 1)).toThrow(
      "got data of the layout 'mbe', expected one with folds of unseen products (books | grocery)",
    );
  });

  test('is refused where a name is taken, and leaves nothing behind', () => {
    expect(() => addDataSet(books)).toThrow("a data set 'books' already exists");
    expect(() => addDataSet({ ...books, name: 'papers', recipes: { fresh: grocery, paper: grocery } })).toThrow(
      "the recipe 'paper' of 'papers' has the same name as a recipe of 'grocery'",
    );
    expect(() => readConfig({ base: 'fresh' })).toThrow(/base: got "fresh"/);
  });

  test('is refused its catalogue where that calls itself otherwise', async () => {
    const read: DataSet['adapter']['read'] = async (path) => (await startCatalogue('novels', path)).finish();
    addDataSet({ ...books, name: 'misnamed', recipes: {}, adapter: { recognises: async () => false, read } });
    await expect(openCatalogue('data/grocery', { adapter: 'misnamed' })).rejects.toThrow(
      'novels was read by the data set misnamed',
    );
  });
});
