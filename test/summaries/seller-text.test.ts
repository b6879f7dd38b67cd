import { describe, expect, test } from 'vitest';
import { factNames } from '../../src/datasets/shop/facts.js';
import { sellerTexts, summaryFacts, withSellerTexts } from '../../src/datasets/shop/seller-text.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { judgedParts, namedValues, statedFacts } from '../../src/datasets/shop/stated-facts.js';
import { attributeTemplate, firstSentence } from '../../src/summaries/controls.js';
import { summaryScores } from '../../src/summaries/scores.js';

const shop = generateShop({ products: 300, imageSize: 16, trainQueries: 10, evaluationQueries: 5 });
const sellers = sellerTexts(shop);

describe("sellers' texts", () => {
  test('leave two facts of the summary to the photo, state all others, and name values of other products', () => {
    let [misleading, repeated] = [0, 0];
    for (const [id, { description, omitted }] of sellers) {
      const facts = shop.facts.get(id)!;
      const { right } = statedFacts(description, facts);
      expect(omitted).toHaveLength(2);
      expect(omitted).not.toContain('category');
      expect(right.filter((name) => (omitted as readonly string[]).includes(name))).toEqual([]);
      expect(right).toEqual(factNames.filter((name) => !(omitted as readonly string[]).includes(name)));
      for (const name of ['colour', 'pattern', 'material'] as const) {
        const others = namedValues(description)
          .get(name)!
          .filter((value) => value !== facts[name]);
        expect(others).toHaveLength(1);
        misleading++;
      }
      repeated += description.split(/[.!?]\s/).length;
    }
    expect(misleading).toBe(900);
    expect(repeated / sellers.size).toBeGreaterThan(12);
  });

  test('come with three short ones of the same four facts, which say nothing else', () => {
    for (const [id, { summaries }] of sellers) {
      for (const summary of summaries) {
        const { right, wrong } = statedFacts(summary, shop.facts.get(id)!);
        expect([...right].sort()).toEqual([...summaryFacts].sort());
        expect(wrong).toEqual([]);
      }
      expect(new Set(summaries).size).toBe(3);
    }
  });

  test('become descriptions and summaries of the shop, of which nothing else changes', () => {
    const told = withSellerTexts(shop);
    expect(told.products.map(({ description: _, summary: __, ...product }) => product)).toEqual(shop.products);
    expect(told.products[7].description).toBe(sellers.get(told.products[7].id)!.description);
    expect(sellerTexts(shop)).toEqual(sellers);
  });
});

describe('scores of a summary', () => {
  const facts = {
    category: 'mug',
    shape: 'tapered',
    colour: 'red',
    accent: 'gold',
    pattern: 'striped',
    material: 'ceramic',
    size: 'small',
  };
  const seller = {
    omitted: ['colour', 'material'] as const,
    summaries: [
      'red striped mug made of ceramic',
      'cup of porcelain, red and banded',
      'striped cup in red ceramic',
    ] as const,
  };

  test('are counted apart for what the photo shows and what the text states', () => {
    expect(summaryScores('red striped mug made of ceramic', seller, facts)).toEqual({
      photo: 1,
      text: 1,
      false: 0,
      rouge: 1,
    });
    // Synonyms are right; a wrong colour is a false claim: one of two photo facts right, one wrong.
    const mixed = summaryScores('scarlet plain cup made of steel', seller, facts);
    expect(mixed.photo).toBeCloseTo(2 / (1 + 1 + 2), 9);
    expect(mixed.text).toBeCloseTo(2 / (1 + 1 + 2), 9);
    expect(mixed.false).toBeCloseTo(2 / 4, 9);
    expect(summaryScores('', seller, facts)).toEqual({ photo: 0, text: 0, false: 0, rouge: 0 });
    // The nearest reference counts: all five words of the third but one.
    expect(summaryScores('striped cup in blue ceramic', seller, facts).rouge).toBeCloseTo(0.8, 9);
  });

  test('of controls: the first sentence says almost nothing, the template takes the options of others for the product', () => {
    expect(firstSentence('Discover it. Order 2.5 kg now!')).toBe('Discover it.');
    expect(firstSentence('no end')).toBe('no end');
    expect(attributeTemplate('Also sold in navy. A mug of steel. It comes in red.')).toBe('navy steel mug');
    const scores = [...sellers].map(([id, own]) =>
      summaryScores(attributeTemplate(own.description), own, shop.facts.get(id)!),
    );
    const mean = (of: 'photo' | 'text' | 'false') => scores.reduce((sum, each) => sum + each[of], 0) / scores.length;
    expect(mean('photo')).toBe(0);
    expect(mean('text')).toBeGreaterThan(0.6);
    expect(mean('false')).toBeGreaterThan(0.4);
  });
});

test('a text is judged piece by piece, and its pieces are the text', () => {
  const [product] = shop.products;
  const facts = shop.facts.get(product.id)!;
  for (const text of [sellers.get(product.id)!.description, product.title, '', 'nothing, at all!']) {
    const parts = judgedParts(text, facts);
    expect(parts.map((part) => part.text).join('')).toBe(text);
    const { right, wrong } = statedFacts(text, facts);
    expect(parts.some(({ isTrue }) => isTrue === true)).toBe(right.length > 0);
    expect(parts.some(({ isTrue }) => isTrue === false)).toBe(wrong.length > 0);
  }
  const mug = { ...facts, category: 'mug', colour: 'red', size: 'small' };
  expect(judgedParts('Mini BLUE cups: a cup', mug)).toEqual([
    { text: 'Mini', isTrue: true },
    { text: ' ' },
    { text: 'BLUE', isTrue: false },
    { text: ' cups: a ' },
    { text: 'cup', isTrue: true },
  ]);
});
