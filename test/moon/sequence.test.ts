import { describe, expect, test } from 'vitest';
import { productSequence, querySequence, readSequence } from '../../src/moon/sequence.js';
import { picture, products, reading, smallModel, tokenizer } from './small.js';

const read = reading(smallModel());
const [apple, onlyTitle, juice] = products;
const text = (...args: Parameters<typeof productSequence>) => readSequence(productSequence(...args), tokenizer);

describe('productSequence', () => {
  test('is image, crop, title, category path, attributes', () => {
    expect(text(apple, read)).toBe(
      '[image 6] [crop 6] [title] Golden Delicious [category] Fruit > Apple [attribute] colour: green, yellow; [attribute] form: whole fruit;',
    );
  });

  test('leaves no token for what is absent or withheld', () => {
    expect(text(onlyTitle, read)).toBe('[title] Oat milk 1 l');
    expect(text(juice, { ...read, region: undefined })).toBe(
      '[image 6] [title] Orange juice [attribute] flavour: orange;',
    );
    expect(text(apple, { ...read, withhold: ['image', 'category', 'attribute:colour'] })).toBe(
      '[title] Golden Delicious [attribute] form: whole fruit;',
    );
  });

  test('takes several images, each with its crop, and cuts long texts', () => {
    const aspects = productSequence(apple, { ...read, images: 12 }).segments.map(({ aspect }) => aspect);
    expect(aspects).toEqual(['image', 'crop', 'image', 'crop', 'title', 'category', 'attribute', 'attribute']);
    const long = { ...onlyTitle, attributes: { note: ['x'.repeat(400)] } };
    expect(productSequence(long, { ...read, maxTextTokens: 20 }).segments.at(-1)?.ids.length).toBe(20);
  });

  test('can show the crop alone; without regions the image is whole', () => {
    expect(text(juice, { ...read, views: 'crop', withhold: ['attributes'] })).toBe('[crop 6] [title] Orange juice');
    expect(text(juice, { ...read, views: 'crop', region: undefined, withhold: ['attributes'] })).toBe(
      '[image 6] [title] Orange juice',
    );
  });

  test('refuses to read nothing', () => {
    expect(() => productSequence(onlyTitle, { ...read, withhold: ['title'] })).toThrow(
      'title: has no image and no text left',
    );
  });
});

test('no detector is told a title for the image of a query', () => {
  const told: (string | undefined)[] = [];
  const region = (_: unknown, title?: string) => {
    told.push(title);
    return undefined;
  };
  querySequence({ id: 'q', image: picture('photo'), text: 'green apple' }, { ...read, region });
  productSequence(apple, { ...read, region });
  expect(told).toEqual([undefined, 'Golden Delicious']);
});
