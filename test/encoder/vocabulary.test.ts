import { expect, test } from 'vitest';
import type { Product } from '../../src/data/types.js';
import { trainVocabulary } from '../../src/encoder/vocabulary.js';

test('of more than 100,000 products the texts of every second are read, from the first on', () => {
  const of = (title: string): Product => ({ id: title, title, category: [], attributes: {}, images: [] });
  const [apple, pear] = [of('apple apple'), of('pear pear')];
  const many = Array.from({ length: 100_001 }, (_, at) => (at % 2 ? pear : apple));
  const tokens = (products: Product[]) => trainVocabulary(products, 300).encode(' apple pear').length;
  expect(tokens(many)).toBe(tokens([apple]));
  expect(tokens(many)).toBeGreaterThan(tokens([apple, pear]));
});
