import { expect, test } from 'vitest';
import { factNames } from '../../../src/datasets/shop/facts.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { statedFacts } from '../../../src/datasets/shop/stated-facts.js';

const shopWith = (leftOut: number) =>
  generateShop({ products: 600, trainQueries: 10, evaluationQueries: 1, titleNoise: 0.5, synonyms: 0.5, leftOut });

test('a title that leaves nothing out states every fact of its product, in any words and order, and none wrongly', () => {
  const shop = shopWith(0);
  for (const { id, title } of shop.products)
    expect(statedFacts(title, shop.facts.get(id)!), title).toEqual({ right: [...factNames], wrong: [], unsaid: [] });
});

test('what a title leaves out is unsaid, and the title of another product is wrong exactly where the two differ', () => {
  const shop = shopWith(0.4);
  for (const [at, { id, title }] of shop.products.entries()) {
    const facts = shop.facts.get(id)!;
    const own = statedFacts(title, facts);
    expect(own.wrong, title).toEqual([]);
    const other = shop.facts.get(shop.products[(at + 1) % shop.products.length].id)!;
    const about = statedFacts(title, other);
    expect(about.unsaid).toEqual(own.unsaid);
    const differs = (name: (typeof factNames)[number]) => facts[name] !== other[name];
    expect(about.wrong).toEqual(own.right.filter(differs));
    expect(about.right).toEqual(own.right.filter((name) => !differs(name)));
  }
});

test('longer names come first, both values of a contradiction count, and other words say nothing', () => {
  const [{ id }] = shopWith(0).products;
  const facts = { ...shopWith(0).facts.get(id)!, category: 'shorts', colour: 'red' };
  expect(statedFacts('Short pants', facts)).toMatchObject({ right: ['category'], wrong: [] });
  expect(statedFacts('pants', facts)).toMatchObject({ right: [], wrong: ['category'] });
  const both = statedFacts('scarlet and BLUE, official sale!', facts);
  expect([both.right, both.wrong]).toEqual([['colour'], ['colour']]);
  expect(statedFacts('', facts).unsaid).toEqual([...factNames]);
});
