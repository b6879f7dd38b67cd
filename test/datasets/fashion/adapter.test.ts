import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fashionSplit } from '../../../src/datasets/fashion/adapter.js';
import { openCatalogue } from '../../../src/datasets/open.js';
import { dataFolder, picture } from '../../data/data-folder.js';
import { sharedData } from '../../needs.js';

const styles = readFileSync('test/fixtures/data/fashion-commas.csv', 'utf8');

describe('fashion', () => {
  test('unquoted commas in names are joined again, counted, and lose no row', async () => {
    const image = await picture(1);
    const ids = ['1163', '1164', '1165', '1166', '1167'];
    const images = Object.fromEntries(ids.map((id) => [`images/${id}.jpg`, image]));
    const { products, pairs, issues, adapter } = await openCatalogue(dataFolder({ 'styles.csv': styles, ...images }));
    expect(adapter).toBe('fashion');
    expect(products.map(({ id, title }) => [id, title])).toEqual([
      ['1163', 'Nike Sahara Team India Fanwear Round Neck Jersey'],
      ['1164', 'Rocia Women Casual, Navy, Striped Sandals'],
      ['1165', 'Quoted, with comma'],
      ['1166', 'Levi\'s 32" Waist, Blue Jeans'],
      ['1167', 'No season, no usage'],
    ]);
    expect(issues.map(({ kind, line }) => [kind, line])).toEqual([
      ['unquoted-comma', 3],
      ['unquoted-comma', 5],
      ['unquoted-comma', 6],
      ['absent-value', 6],
    ]);
    expect(products[1]).toMatchObject({
      category: ['Footwear', 'Sandal', 'Sandals'],
      attributes: {
        gender: ['Women'],
        baseColour: ['Navy Blue'],
        season: ['Summer'],
        year: ['2012'],
        usage: ['Casual'],
      },
    });
    expect(products[4].attributes).toEqual({ gender: ['Men'], baseColour: ['Blue'], year: ['2011'] });
    expect(pairs.map(({ query, product }) => [query.text, product])).toEqual(
      products.map(({ id, title }) => [title, id]),
    );
  });

  test('missing columns, ids, names, images; duplicate ids', async () => {
    const rows = ['id,gender,masterCategory,subCategory,articleType,baseColour,year,productDisplayName'];
    rows.push('1,Men,Apparel,Topwear,Shirts,Blue,2011,Shirt', ',Men,Apparel,Topwear,Shirts,Blue,2011,No id');
    rows.push(
      '1,Men,Apparel,Topwear,Shirts,Red,2011,Again',
      '2,Men,Apparel,Topwear,NA,Red,2011,',
      '../../x,Men,A,B,C,D,2011,Out',
    );
    const folder = dataFolder({ 'styles.csv': `\ufeff${rows.join('\r\n')}\r\n`, 'images/1.jpg': await picture(1) });
    const { products, issues } = await openCatalogue(folder);
    expect(products.map(({ id, images }) => [id, images.length])).toEqual([
      ['1', 1],
      ['2', 0],
      ['../../x', 0],
    ]);
    expect(issues.map(({ kind, line }) => [kind, line])).toEqual([
      ['missing-column', 1],
      ['missing-column', 1],
      ['missing-id', 3],
      ['duplicate-id', 4],
      ['missing-image', 5],
      ['missing-title', 5],
      ['outside-folder', 6],
      ['absent-value', 5],
    ]);
  });

  test('an empty styles.csv', async () => {
    const { products, issues } = await openCatalogue(dataFolder({ 'styles.csv': '', 'images/1.jpg': '' }));
    expect(products).toEqual([]);
    expect(issues).toMatchObject([{ file: 'styles.csv', kind: 'empty-file' }]);
  });
});

const original = join(sharedData, 'fashion-product-images');

describe('the supplied Fashion Product Images', { tags: ['data'] }, () => {
  test('counts match the source file, nothing needs repair, 1,498 test products', async () => {
    const lines = readFileSync(join(original, 'styles.csv'), 'utf8').trim().split('\n').slice(1);
    const { products, pairs, issues } = await openCatalogue(original);
    expect(issues.map(({ message }) => message)).toEqual([
      'baseColour is NA, read as absent (3 times)',
      'usage is NA, read as absent (7 times)',
    ]);
    expect(products.map(({ id }) => id)).toEqual(lines.map((line) => line.split(',')[0]));
    expect(products.map(({ title }) => title)).toEqual(lines.map((line) => line.split(',').at(-1)?.trim()));
    expect(products.every(({ images, category }) => images.length === 1 && category.length === 3)).toBe(true);
    expect(pairs.length).toBe(7616);
    expect(pairs.filter(({ split }) => split === 'test').length).toBe(1498);
    expect(products.filter(({ id }) => fashionSplit(id) === 'test').length).toBe(1498);
  });
});
