import { describe, expect, test } from 'vitest';
import type { Catalogue } from '../../../src/data/types.js';
import { openCatalogue } from '../../../src/datasets/open.js';
import { relevantLabels } from '../../../src/datasets/table/relevance-labels.js';
import { queryToProduct } from '../../../src/tasks/catalogue-tasks.js';
import { dataFolder } from '../../data/data-folder.js';

const pairsOf = ({ pairs }: Catalogue) =>
  pairs.map(({ query: { id, text }, product, split }) => [id, text, product, split]);
const issuesOf = ({ issues }: Catalogue) => issues.map(({ file, kind, message }) => `${file} ${kind}: ${message}`);

const products = (name: string) => `${name},product_title\nB1,Red mug\nB2,Blue mug\nB3,Lamp\n`;

describe('queries in tables beside the products', () => {
  test('judged pairs of texts: the best grade makes pairs, a query id is one query', async () => {
    const catalogue = await openCatalogue(
      dataFolder({
        'shopping_queries_dataset_products.csv': products('product_id'),
        'shopping_queries_dataset_examples.csv': [
          'example_id,query,query_id,product_id,product_locale,esci_label,split',
          '0,mug,7,B1,us,E,train',
          '1,mug,7,B2,us,E,train',
          '2,mug,7,B3,us,I,train',
          '3,night light,8,B3,us,E,test',
          '4,night light,8,B9,us,E,test',
          '5,night light,8,B1,us,S,test',
        ].join('\n'),
      }),
    );
    expect(pairsOf(catalogue)).toEqual([
      ['7', 'mug', 'B1', 'train'],
      ['7', 'mug', 'B2', 'train'],
      ['8', 'night light', 'B3', 'test'],
    ]);
    const file = 'shopping_queries_dataset_examples.csv';
    expect(issuesOf(catalogue)).toEqual([
      `${file} not-right: 1 rows with esci_label I make no pairs`,
      `${file} not-right: 1 rows with esci_label S make no pairs`,
      `${file} unknown-product: a row of a product that the table of products does not have`,
    ]);
    const [task] = queryToProduct('text')({ catalogue, split: 'train' });
    expect(task.asks.map(({ id, gold }) => [id, gold])).toEqual([['7', ['B1', 'B2']]]);
  });

  test('judged pairs of ids, the texts in a third table; tabs, and a table that has no queries', async () => {
    const tabs = (text: string) => text.replaceAll(',', '\t');
    const catalogue = await openCatalogue(
      dataFolder({
        'product.csv': tabs(products('product_id').replaceAll('B', '')),
        'query.csv': tabs('query_id,query,query_class\n0,salon chair,Chairs\n1,cup,Mugs\n'),
        'label.csv': tabs('id,query_id,product_id,label\n1,1,3,Exact\n2,1,2,Partial\n3,0,1,Irrelevant\n'),
        'stores.csv': 'store,town\n1,Ulm\n',
      }),
    );
    expect(pairsOf(catalogue)).toEqual([['1', 'cup', '3', 'train']]);
    expect(issuesOf(catalogue)).toContain(
      'stores.csv not-read: is not read beside the table of products: it has no queries of them',
    );
  });

  test('clicks by any column that holds ids of products; equal clicks are one pair, a file name is a split', async () => {
    const clicks = (...rows: [string, string][]) =>
      rows
        .map(([suchbegriff, artikel]) => JSON.stringify({ zeit: 1, suchbegriff, artikel, title: 'Red mug' }))
        .join('\n');
    const catalogue = await openCatalogue(
      dataFolder({
        'artikel.csv': products('Artikelnummer'),
        'train-clicks.jsonl': clicks(['rot', 'B1'], ['rot', 'B1'], ['licht', 'B3']),
        'test-clicks.jsonl': clicks(['blau', 'B2']),
      }),
    );
    expect(pairsOf(catalogue).toSorted()).toEqual([
      ['blau', 'blau', 'B2', 'test'],
      ['licht', 'licht', 'B3', 'train'],
      ['rot', 'rot', 'B1', 'train'],
    ]);
  });

  test('of grades that nobody knows no pairs are made, and that is said', async () => {
    const catalogue = await openCatalogue(
      dataFolder({ 'p.csv': products('id'), 'j.csv': 'query,id,grade\nmug,B1,blue\nmug,B2,green\nlamp,B3,blue\n' }),
    );
    expect(issuesOf(catalogue)[0]).toBe(
      'j.csv unknown-judgement: no queries: which of grade blue, green is right is not known',
    );
    expect(catalogue.pairs.map(({ query }) => query.id)).toEqual(['B1/title', 'B2/title', 'B3/title']);
  });
});

test('the best grade is the highest number above 0, or the best known word', () => {
  expect(relevantLabels(['0', '1', '2', '3'])).toEqual(['3']);
  expect(relevantLabels(['0'])).toEqual([]);
  expect(relevantLabels(['S', 'E', 'C'])).toEqual(['E']);
  expect(relevantLabels(['Partial', 'Irrelevant'])).toEqual([]);
});
