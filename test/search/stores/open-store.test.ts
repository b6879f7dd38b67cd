import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeEmbeddingFile } from '../../../src/search/files/embedding-file.js';
import { tableOfRows } from '../../../src/search/files/embedding-table.js';
import { openStore } from '../../../src/search/stores/open-store.js';
import { withProductFields } from '../../../src/search/stores/product-fields.js';
import { randomRows } from './random-rows.js';

const folder = mkdtempSync(join(tmpdir(), 'moon-open-store-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file is opened with its fields, and with those of its products', async () => {
  const file = join(folder, 'shop.parquet');
  const rows = randomRows(5);
  writeEmbeddingFile(file, tableOfRows({ ...rows, fields: { title: rows.fields.title } }));
  const image = { id: 'a.jpg', source: { kind: 'file' as const, path: '/shop/a.jpg' } };
  const product = {
    id: 'p2',
    title: 'other',
    category: ['Food', 'Fruit'],
    attributes: { taste: ['sweet', 'sour'] },
    images: [image],
  };
  const store = await openStore(file, (own) => withProductFields(own, [product]));
  expect(new Set(await store.fields())).toEqual(new Set(['taste', 'title', 'category', 'image']));
  const [[found]] = await store.search(await store.items(['p2']), 1, {
    where: [{ field: 'category', value: 'Food' }],
  });
  const fields = { title: 'product 2', category: 'Food > Fruit', taste: 'sweet, sour', image: '/shop/a.jpg' };
  expect(found).toMatchObject({ id: 'p2', fields });
  expect(found.similarity).toBeCloseTo(1);
  await store.close();
  await expect(openStore(join(folder, 'shop.parque'))).rejects.toThrow('shop.parque does not exist; did you mean');
});
