import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readEmbeddingFile, writeEmbeddingFile, writtenEndings } from '../../../src/search/files/embedding-file.js';
import type { EmbeddingRows } from '../../../src/search/files/embedding-table.js';

/** Three vectors, written by numpy, safetensors and pyarrow. */
const python = fileURLToPath(new URL('from-python/', import.meta.url));
const [ids, numbers] = [
  ['a', 'b', 'ü <x>'],
  [3, 4, 0, 1, 0, 0, 0, -2, 2.5],
];

const fresh = (name: string) => join(mkdtempSync(join(tmpdir(), 'moon-vectors-')), name);

test.each(['f2.npy', 'f4.npy', 'f8.npy', 'half.safetensors'])('%s of Python, half, single and double', async (name) => {
  const { rows, notes } = await readEmbeddingFile(`${python}${name}`);
  expect({ ...rows, vectors: Array.from(rows.vectors) }).toEqual({ ids, vectors: numbers, width: 3, fields: {} });
  expect(notes).toEqual([]);
});

test('Parquet of Python: lists of either precision, ids that are numbers, fields with gaps', async () => {
  const { rows } = await readEmbeddingFile(`${python}lists.parquet`);
  expect(rows.ids).toEqual(ids);
  expect(Array.from(rows.vectors)).toEqual(numbers);
  expect(rows.fields).toEqual({ title: ['A', null, '<b>'], price: ['1.5', '2', null] });
  expect((await readEmbeddingFile(`${python}doubles.parquet`)).rows.ids).toEqual(['7', '8', '9']);
});

test.each([
  ['columns.npy', /stored by columns/],
  ['flat.npy', /shape \(9,\), expected \(rows, width\)/],
  ['whole.npy', /type <i4, expected <f2/],
  ['none.npy', /none.npy does not exist/],
])('%s is refused', async (name, why) => {
  await expect(readEmbeddingFile(`${python}${name}`)).rejects.toThrow(why);
});

test.each(writtenEndings)('%s comes back to the bit, from parts', async (ending) => {
  const file = fresh(`shop${ending}`);
  const part = (from: number): EmbeddingRows => ({
    ids: [`p${from}`, `"p${from + 1}", <b>`],
    vectors: Float32Array.of(0.1 + from, -1e-20, 3, 1 / 3, from, 5e20),
    width: 3,
    fields: { title: [`T ${from}\n`, null] },
  });
  writeEmbeddingFile(file, { count: 4, width: 3, fields: ['title'], parts: () => [part(0), part(2)] });
  const { rows } = await readEmbeddingFile(file);
  expect(rows.ids).toEqual([...part(0).ids, ...part(2).ids]);
  expect(rows.vectors).toEqual(Float32Array.of(...part(0).vectors, ...part(2).vectors));
  const hasFields = ['.parquet', '.jsonl'].includes(ending);
  expect(rows.fields).toEqual(hasFields ? { title: ['T 0\n', null, 'T 2\n', null] } : {});
});

test('bad rows are left out and named, the rest is read', async () => {
  const file = fresh('mixed.jsonl');
  const lines = [
    '{"id":"a","vector":[1,2]}',
    '{"id":"b","vector":[1,2,3]}',
    '{"vector":[1,2]}',
    '{"id":"d","vector":"x"}',
  ];
  writeFileSync(
    file,
    [...lines, '{"id":"e","vector":[null,1]}', '{"id":"f","vector":[0,0]}', 'oops', '{"id":"h","vector":[4,5]}'].join(
      '\n',
    ),
  );
  const { rows, notes } = await readEmbeddingFile(file);
  expect(rows.ids).toEqual(['a', 'h']);
  expect(Array.from(rows.vectors)).toEqual([1, 2, 4, 5]);
  expect(notes).toEqual([
    '1 rows are left out, another width than 2, that of the first row: line 2 (b: 3)',
    '1 rows are left out, no id: line 3',
    '1 rows are left out, no list of numbers in vector: line 4 (d)',
    expect.stringMatching(/^1 rows are left out, bad-json: .*: line 7$/),
    '2 rows are left out, a vector that is zero or not finite: e, f',
  ]);
});

test('what cannot be used is refused with its reason', async () => {
  const file = fresh('v.npy');
  writeEmbeddingFile(file, {
    count: 1,
    width: 2,
    fields: [],
    parts: () => [{ ids: ['a'], vectors: Float32Array.of(1, 0), width: 2, fields: {} }],
  });
  writeFileSync(file.replace('.npy', '.ids.json'), '["a", "b"]');
  await expect(readEmbeddingFile(file)).rejects.toThrow(/has 2 ids for the 1 rows/);
  const csv = fresh('v.csv');
  writeFileSync(csv, 'id,vector\na,"[0, 0]"\n');
  await expect(readEmbeddingFile(csv)).rejects.toThrow(/no vector that can be used.*zero or not finite: a/);
  writeFileSync(csv, 'name,vector\na,"[0, 1]"\n');
  await expect(readEmbeddingFile(csv)).rejects.toThrow(/no column of ids, but name, vector. Name one "id"/);
  expect(() => writeEmbeddingFile(fresh('v.csv'), { count: 0, width: 1, fields: [], parts: () => [] })).toThrow(
    /ending in .parquet/,
  );
});
