import { describe, expect, it } from 'vitest';
import { type FactName, factNames, shopAttributes, shopLeaves, valuesOf } from '../../../src/datasets/shop/facts.js';
import { generateShop, withholdFromShop } from '../../../src/datasets/shop/shop.js';
import { shopMask, shopSynonyms } from '../../../src/datasets/shop/words.js';

const small = { products: 300, trainQueries: 600, evaluationQueries: 100, views: 1 } as const;
const shop = generateShop(small);

function wordsFor(name: FactName, value: string): string[] {
  return [value, ...shopSynonyms[name][value]];
}

function says(text: string, phrase: string): boolean {
  return ` ${text} `.includes(` ${phrase} `);
}

const texts = [
  ...shop.products.map((product) => ({ id: product.id, text: product.title })),
  ...shop.pairs.flatMap(({ query }) => (query.text === undefined ? [] : [{ id: query.id, text: query.text }])),
];

describe('the vocabulary', () => {
  it('has another word for every value of every fact', () => {
    for (const leaf of shopLeaves) {
      expect(shopSynonyms.category[leaf], leaf).not.toHaveLength(0);
      for (const attribute of shopAttributes) {
        for (const value of valuesOf(leaf, attribute)) {
          expect(shopSynonyms[attribute][value]?.length, `${attribute} ${value}`).toBeGreaterThan(0);
        }
      }
    }
  });

  it('never uses one phrase for two values', () => {
    const phrases = factNames.flatMap((name) =>
      Object.keys(shopSynonyms[name]).flatMap((value) => wordsFor(name, value)),
    );
    expect(phrases.filter((phrase, at) => phrases.indexOf(phrase) !== at)).toEqual([]);
  });
});

describe('texts', () => {
  it('of queries say what they tell of the bought product, and nothing else', () => {
    for (const { query, product } of shop.pairs) {
      if (query.text === undefined) continue;
      const facts = shop.facts.get(product)!;
      let left = ` ${query.text} `;
      for (const name of shop.told.get(query.id)!) {
        const said = wordsFor(name, facts[name]).find((phrase) => says(left.trim(), phrase));
        expect(said, `${name} in ${query.text}`).toBeDefined();
        left = left.replace(` ${said} `, ' ');
      }
      expect(left.replace(' with trim ', ' ').trim(), query.text).toBe('');
    }
  });

  it('are the plain facts in order when all noise is off', () => {
    const tidy = generateShop({ ...small, titleNoise: 0, synonyms: 0, leftOut: 0 });
    for (const { id, title } of tidy.products) {
      const { size, colour, pattern, shape, material, category, accent } = tidy.facts.get(id)!;
      expect(title).toBe(`${size} ${colour} ${pattern} ${shape} ${material} ${category} with ${accent} trim`);
    }
  });

  it('lose about as many attributes as left out', () => {
    const sparse = generateShop({ ...small, titleNoise: 0, synonyms: 0, leftOut: 0.4 });
    const kept = sparse.products.filter(({ id, title }) => says(title, sparse.facts.get(id)!.colour)).length;
    expect(Math.abs(kept / 300 - 0.6)).toBeLessThan(0.12);
  });
});

describe('a withheld fact', () => {
  it.each(factNames)('%s is gone from records and from every text, and nothing else changes', (name) => {
    const masked = withholdFromShop(shop, name);
    const phrases = Object.keys(shopSynonyms[name]).flatMap((value) => wordsFor(name, value));
    const textOf = new Map([
      ...masked.products.map((product): [string, string] => [product.id, product.title]),
      ...masked.pairs.map((pair): [string, string] => [pair.query.id, pair.query.text ?? '']),
    ]);
    let changed = 0;
    for (const { id, text } of texts) {
      const hidden = textOf.get(id)!;
      expect(
        phrases.filter((phrase) => says(hidden, phrase)),
        hidden,
      ).toEqual([]);
      // The words around the mask are those of the open text, in their places.
      const [before, after] = hidden.split(shopMask);
      expect(text.startsWith(before) && (after === undefined || text.endsWith(after)), `${text} -> ${hidden}`).toBe(
        true,
      );
      if (after !== undefined) changed++;
    }
    expect(changed).toBeGreaterThan(100);
    for (const product of masked.products) {
      expect(name === 'category' ? product.category : (product.attributes[name] ?? [])).toEqual([]);
    }
    expect(masked.pairs.map((pair) => [pair.query.id, pair.product, pair.split])).toEqual(
      shop.pairs.map((pair) => [pair.query.id, pair.product, pair.split]),
    );
    expect([...masked.told.values()].flat()).not.toContain(name);
  });

  it('adds to those withheld before', () => {
    const both = withholdFromShop(withholdFromShop(shop, 'colour'), 'size');
    expect(Object.keys(both.products[0].attributes)).toEqual(['shape', 'accent', 'pattern', 'material']);
  });
});
