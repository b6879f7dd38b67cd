import { expect, test } from 'vitest';
import { textMatcher } from '../../src/complete/text-match.js';
import { factReward } from '../../src/complete/tuned-writers.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { networks } from '../needs.js';
import { shopOptions } from '../train/run/short-run.js';

const shop = generateShop(shopOptions);
const [product] = shop.products;
const facts = shop.facts.get(product.id)!;

test('the reward of a title is F1 of its facts, and none without an end', () => {
  const reward = factReward(shop);
  const of = (text: string, ended: 'stop' | 'length' | 'repeating' = 'stop') => reward({ text, ended }, product);
  const all = Object.values(facts).join(' ');
  expect(of(all)).toBe(1);
  expect(of('')).toBe(0);
  // One right of seven; saying it twice is no more.
  expect(of(facts.category)).toBeCloseTo(2 / 8, 9);
  expect(of(`${facts.category} ${facts.category}`)).toBeCloseTo(2 / 8, 9);
  const wrong = facts.colour === 'red' ? 'blue' : 'red';
  expect(of(`${facts.category} ${wrong}`)).toBeCloseTo(2 / 9, 9);
  for (const ended of ['length', 'repeating'] as const) expect(of(all, ended)).toBe(0);
});

test('token states of MiniLM find synonyms alike that words do not', { tags: ['networks'] }, () => {
  const alike = textMatcher(`${networks}/minilm`);
  const reference = 'a small red mug';
  const score = (written: string) => alike({ written, reference });
  expect(score(reference)).toBeCloseTo(1, 5);
  expect(score('a little scarlet cup')).toBeGreaterThan(score('three long wooden tables') + 0.1);
  expect(score('')).toBe(0);
  expect(() => textMatcher('minilm-of-nobody')).toThrow('minilm-of-nobody');
});
