import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cachedImage } from '../../../src/data/images/remote-image.js';
import { openTable } from '../../../src/data/tables/open-table.js';
import { openCatalogue, readData } from '../../../src/datasets/open.js';
import { dataFolder, picture } from '../../data/data-folder.js';

const fixtures = 'test/fixtures/data';

/** The fixture (Chinese text, by hand) with its pictures. */
async function mbeFolder(more: Record<string, string | Uint8Array> = {}): Promise<string> {
  const names = ['610001', '610002', '610003', '610004', 'q-610002', 'q-610003'];
  const pictures = await Promise.all(names.map(async (name, index) => [`images/${name}.jpg`, await picture(index)]));
  const folder = dataFolder({ ...Object.fromEntries(pictures), ...more });
  cpSync(join(fixtures, 'mbe'), folder, { recursive: true });
  return folder;
}

describe('mbe', () => {
  test('products, Chinese category paths and attributes', async () => {
    const { adapter, products } = await openCatalogue(await mbeFolder());
    expect(adapter).toBe('mbe');
    expect(products.map(({ id, images }) => [id, images.map((image) => image.id)])).toEqual([
      ['610001', ['images/610001.jpg']],
      ['610002', ['images/610002.jpg']],
      ['610003', ['images/610003.jpg']],
      ['610004', ['images/610004.jpg']],
      ['610005', []],
    ]);
    expect(products[0]).toMatchObject({
      title: '纯棉圆领短袖T恤男 夏季宽松白色',
      category: ['服饰', '男装', 'T恤', '短袖T恤'],
      attributes: { 颜色: ['白色', '黑色'], 材质: ['棉'], 适用季节: ['夏季'] },
    });
    expect(products[1].category).toEqual(['家居', '餐厨', '杯子', '保温杯']);
  });

  test('pairs: a query beside its product, in a repeated row, or in another row of the purchase', async () => {
    const { pairs } = await openCatalogue(await mbeFolder());
    expect(pairs.map(({ query, product, split }) => [query.text, query.image?.id, product, split])).toEqual([
      ['白色纯棉短袖 男', undefined, '610001', 'test'],
      [undefined, 'images/q-610002.jpg', '610002', 'test'],
      ['轻便跑步鞋', 'images/q-610003.jpg', '610003', 'test'],
      ['男士夏季T恤', undefined, '610001', 'test'],
      ['儿童积木 早教', undefined, '610004', 'test'],
    ]);
  });

  test('what is wrong is named with its line', async () => {
    const { issues } = await openCatalogue(await mbeFolder());
    expect(issues.map(({ kind, file, line }) => [kind, file, line])).toEqual([
      ['attribute-without-key', 'test.jsonl', 6],
      ['attribute-without-key', 'test.jsonl', 6],
      ['attribute-without-value', 'test.jsonl', 6],
      ['not-fetched', 'test.jsonl', 7],
    ]);
  });

  test('an image given by URL is wanted, and read from the cache once it is there', async () => {
    const url = 'https://images.invalid/610005.jpg';
    const { remoteImages } = await readData(await mbeFolder());
    expect(remoteImages).toEqual([{ url, file: 'test.jsonl', line: 7 }]);
    const fetched = await openCatalogue(await mbeFolder({ [cachedImage(url)]: await picture(9) }));
    expect(fetched.products[4].images.map(({ id }) => id)).toEqual([cachedImage(url)]);
    expect(fetched.issues.filter(({ kind }) => kind === 'not-fetched')).toEqual([]);
  });

  test.each(['snappy', 'gzip', 'zstd', 'lz4'].map((kind) => `mbe-${kind}.parquet`))(
    '%s holds what the JSONL holds',
    async (name) => {
      const rows = async (file: string) => {
        const all: object[] = [];
        for await (const { values } of (await openTable(file)).rows(() => expect.unreachable())) {
          all.push(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)));
        }
        return all;
      };
      expect(await rows(join(fixtures, name))).toEqual(await rows(join(fixtures, 'mbe/test.jsonl')));
      const { adapter, products } = await openCatalogue(join(fixtures, name));
      expect([adapter, products.length]).toEqual(['mbe', 5]);
    },
  );

  test('several files: the split is in the name or in a column; without queries the titles are the queries', async () => {
    const row = (id: number, more = {}) => JSON.stringify({ id, doc_title: `title ${id}`, ...more });
    const folder = dataFolder({
      'train-00000-of-00001.jsonl': `${row(1)}\n${row(2, { split: 'dev' })}`,
      'retrieval.jsonl': row(3),
      'notes.csv': 'a,b\n1,2\n',
    });
    const { pairs, issues } = await openCatalogue(folder);
    expect(issues).toMatchObject([{ file: 'notes.csv', kind: 'unused-file' }]);
    expect(pairs.map(({ query, product, split }) => [query.text, product, split])).toEqual([
      ['title 3', '3', 'test'],
      ['title 1', '1', 'train'],
      ['title 2', '2', 'dev'],
    ]);
  });

  test('purchases that are only half there, queries and products that lack their other side', async () => {
    const rows = [
      { purchase_id: 'a', query: 'x' },
      { purchase_id: 'b', id: 1, doc_title: 'one' },
      { query: 'nothing bought' },
      { doc_title: 'no id' },
      { id: 1, doc_title: 'one' },
      { id: 1, doc_title: 'another one', query: 'q' },
    ];
    const { pairs, issues } = await openCatalogue(
      dataFolder({ 'test.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') }),
    );
    expect(pairs.map(({ query, product }) => [query.text, product])).toEqual([['q', '1']]);
    expect(issues.map(({ kind, line }) => [kind, line])).toEqual([
      ['missing-product', 3],
      ['missing-id', 4],
      ['duplicate-id', 5],
      ['other-title', 6],
      ['half-purchase', 1],
      ['half-purchase', 2],
    ]);
  });
});
