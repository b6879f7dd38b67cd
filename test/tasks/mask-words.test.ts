import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aliases } from '../../src/datasets/fashion/aliases.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { shop as shopSet } from '../../src/datasets/shop/index.js';
import { generateShop, withholdFromShop } from '../../src/datasets/shop/shop.js';
import { shopMask } from '../../src/datasets/shop/words.js';
import { trainVocabulary } from '../../src/encoder/vocabulary.js';
import { maskToken } from '../../src/moon/sequence.js';
import { formsOf, wordMask } from '../../src/tasks/mask-words.js';
import { labelMask, labelWords, withholdField } from '../../src/tasks/withhold.js';
import { products } from '../moon/small.js';
import { sharedData } from '../needs.js';

describe('wordMask', () => {
  const cases: [names: string[], text: string, masked: string][] = [
    [['Tshirts'], 'Puma Men T-shirt, blue tshirt and T Shirts TSHIRTS', 'Puma Men [mask], blue [mask] and [mask]'],
    [['T-Shirt'], 'Tshirts for men', '[mask] for men'],
    [['Dresses'], 'A dress. Dressing gown', 'A [mask]. Dressing gown'],
    [['Watch'], 'watches & watch-straps', '[mask]-straps'],
    [['Berry'], 'Berries, strawberries', '[mask], strawberries'],
    [['Scarf'], 'Two scarves', 'Two [mask]'],
    [['Glass'], 'A glass of glasses', 'A [mask] of [mask]'],
    [['Golden Delicious'], 'Apple golden-delicious class 1', 'Apple [mask] class 1'],
    [['Golden Delicious'], 'GoldenDelicious; delicious', '[mask]; [mask]'],
    [['Navy Blue'], 'navy shirt, blue, Navy Blue', '[mask] shirt, [mask]'],
    [['Shirts'], 'A sweatshirt over a shirt', 'A sweatshirt over a [mask]'],
    [['Perfume and Body Mist'], 'Soap and water, body lotion', 'Soap and water, [mask] lotion'],
    [["cow's milk"], 'Milk of cows', '[mask] of [mask]'],
    [['Men'], "Men's shirt for women", '[mask] shirt for women'],
    [['1.5%'], 'Milk 1.5% fat', 'Milk [mask]% fat'],
    [['Fruit', 'Apple'], 'A fruit: apples, apple juice', 'A [mask]: [mask] juice'],
    [[], 'Nothing to mask', 'Nothing to mask'],
    [['\u00c4pplejuice'], 'fresh \u00e4pple juice', 'fresh [mask]'],
  ];
  test.each(cases)('%j in "%s"', (names, text, masked) => {
    // Of "Men" the possessive is an alias written by hand.
    const aliases = names.includes('Men') ? ['mens'] : [];
    expect(wordMask(names, aliases)(text)).toBe(masked);
  });

  test('an alias is masked as a whole, and none of its words alone', () => {
    const mask = wordMask(['Yoghurt'], ['soured milk']);
    expect(mask('Soured-milk drink, soured cream, milk')).toBe('[mask] drink, soured cream, milk');
  });

  test('masking what is masked changes nothing', () => {
    for (const [names, text] of cases) {
      const mask = wordMask(names);
      expect(mask(mask(text))).toBe(mask(text));
    }
  });

  test('forms of a word', () => {
    expect(formsOf('bus')).toEqual(['bus']);
    expect(formsOf('shoes')).toContain('shoe');
    expect(formsOf('dress')).toEqual(['dress']);
    expect(formsOf('knives')).toContain('knife');
  });
});

describe('withholdField', () => {
  const product = {
    ...products[0],
    title: 'Golden Delicious apple',
    attributes: { colour: ['green', 'yellow'], form: ['whole fruit'], kind: ['green apples'] },
  };

  test('drops the field, and masks its value in title, description and other attributes', () => {
    expect(withholdField(product, 'category')).toMatchObject({
      title: 'Golden Delicious [mask]',
      category: [],
      attributes: { colour: ['green', 'yellow'], form: ['whole [mask]'], kind: ['green [mask]'] },
      description: 'A sweet [mask] with white flesh. It keeps for weeks.',
    });
    expect(withholdField(product, 'attribute:colour')).toMatchObject({
      title: 'Golden Delicious apple',
      category: ['Fruit', 'Apple'],
      attributes: { form: ['whole fruit'], kind: ['[mask] apples'] },
    });
    expect(withholdField(product, 'title')).toMatchObject({ title: '', category: ['Fruit', '[mask]'] });
  });

  test('unmasked, only the field is gone', () => {
    expect(withholdField(product, 'category', { masked: false })).toEqual({ ...product, category: [] });
  });

  test('leaves no word of a label in a masked title of real products', { tags: ['data'] }, async () => {
    const catalogue = await openCatalogue(join(sharedData, 'fashion-product-images'));
    for (const field of ['category', 'attribute:baseColour', 'attribute:gender'] as const) {
      let changed = 0;
      for (const each of catalogue.products.slice(0, 1500)) {
        const { title } = withholdField(each, field, { aliases });
        if (title !== each.title) changed++;
        const words = title.toLowerCase().split(/[^\p{L}\p{N}]+/u);
        for (const label of labelWords(each, field)) expect(words).not.toContain(label.toLowerCase());
        expect(labelMask(each, field, aliases)(title)).toBe(title);
      }
      // Most titles of this set name type, colour and gender.
      expect(changed).toBeGreaterThan(700);
    }
  });
});

describe('the mask token', () => {
  test('is the one that the generated shop writes, and one token', () => {
    expect(maskToken).toBe(shopMask);
    const tokenizer = trainVocabulary(products, 300);
    const id = tokenizer.idOf(maskToken)!;
    expect(tokenizer.encode(` red ${maskToken} apple`).filter((each) => each === id)).toHaveLength(1);
    expect(tokenizer.decode(tokenizer.encode(` red ${maskToken} apple`))).toBe(` red ${maskToken} apple`);
  });

  test('hides from the masked shop what the shop itself withholds', () => {
    const shop = generateShop({ products: 60, trainQueries: 0, evaluationQueries: 5 });
    for (const fact of ['colour', 'material'] as const) {
      const truth = withholdFromShop(shop, fact);
      shop.products.forEach((product, at) => {
        const { title } = withholdField(product, `attribute:${fact}`, shopSet);
        expect(title).toBe(truth.products[at].title.replace(/\[mask\] \[mask\]/g, '[mask]'));
      });
    }
  });
});
