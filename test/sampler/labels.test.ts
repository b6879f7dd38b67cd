import { expect, test } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import { labelsOf, sampleLabels, sharedLabels } from '../../src/sampler/labels.js';

const apple = { category: ['Fruit', 'Apple'], attributes: { colour: ['red', 'green'] } };
const pear = { category: ['Fruit', 'Pear'], attributes: { colour: ['green'], organic: ['yes'] } };
const milk = { category: ['Dairy', 'Milk'], attributes: {} };
const products = [apple, pear, milk];
const index = sharedLabels();
const shared = products.map((product) => index(product));
const positiveOf = Int32Array.from([0, 0, 1, 2]);

test('labels of a product are its category levels and attribute values, each under its kind', () => {
  expect(labelsOf(pear).map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
    'category 1: Fruit',
    'category 2: Pear',
    'attribute colour: green',
    'attribute organic: yes',
  ]);
});

test('truth and relevance say of every query and label what its product says', () => {
  const count = 9;
  const { texts, truth, relevant } = sampleLabels(shared, positiveOf, count, randomStream(1, 'labels'));
  // Eight different labels, and one filler at the end that is nobody's.
  expect(new Set(texts).size).toBe(8);
  positiveOf.forEach((row, query) => {
    const { category, attributes } = products[row];
    const own = new Set([...category, ...Object.values(attributes).flat()]);
    texts.slice(0, 8).forEach((text, at) => {
      expect(truth[query * count + at], `${query} ${text}`).toBe(Number(own.has(text)));
      const kinds = { red: 'colour', green: 'colour', yes: 'organic' } as Record<string, string>;
      const told = text in kinds ? kinds[text] in attributes : true;
      expect(relevant[query * count + at], `${query} ${text}`).toBe(Number(told));
    });
    expect([truth[query * count + 8], relevant[query * count + 8]]).toEqual([0, 0]);
  });
});

test('products without any label give fillers that are true of no one', () => {
  const { texts, truth, relevant } = sampleLabels([[]], Int32Array.of(0), 3, randomStream(1, 'labels'));
  expect(texts.length).toBe(3);
  expect([...truth, ...relevant]).toEqual([0, 0, 0, 0, 0, 0]);
});
