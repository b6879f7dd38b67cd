import { expect } from 'vitest';
import { openMemoryStore } from '../../../src/search/stores/memory.js';
import type { VectorStore } from '../../../src/search/stores/vector-store.js';
import { randomRows } from './random-rows.js';

const rows = randomRows(700, 12);
const queries = randomRows(6, 12, 'asked');

/** A store that is filled gives the answers of a search in memory to the last digit, with and without conditions, ties in order of ids. */
export async function expectSameAnswers(store: VectorStore): Promise<void> {
  expect(await store.put([rows])).toBe(700);
  const exact = openMemoryStore(rows);
  // The vector of p19 is that of p20 too, and either is the nearest of the other.
  const asked = {
    width: 12,
    vectors: Float32Array.from([...queries.vectors, ...rows.vectors.subarray(20 * 12, 21 * 12)]),
  };
  for (const k of [1, 10, 1000])
    for (const where of [
      [],
      [{ field: 'category', value: 'Food' }],
      [
        { field: 'category', value: 'Food > Fruit' },
        { field: 'colour', value: 'red' },
      ],
      [{ field: 'colour', value: "red' or true --" }],
    ]) {
      const options = { where, without: ['p7'] };
      expect(await store.search(asked, k, options)).toEqual(await exact.search(asked, k, options));
    }
  expect((await store.search(asked, 1)).at(-1)?.[0].id).toBe('p19');
  const approximate = await store.search(queries, 10, { method: 'approximate' });
  expect(approximate).toEqual(await exact.search(queries, 10));
  const [own, expected] = [await store.items(['p5', 'p3']), await exact.items(['p5', 'p3'])];
  expect(own).toEqual({ ...expected, fields: { ...expected.fields } });
  await expect(store.items(['p5', 'elsewhere'])).rejects.toThrow(`${store.name}: has no item "elsewhere"`);
}

/** Texts that are code in SQL, JSON or HTML somewhere. */
export const evil = [
  `'); drop table items; --`,
  `"; select 1`,
  `\\'`,
  '$1',
  '`x`',
  '{"a": 1}',
  '<b>&amp;</b>',
  'ä🎉 \n\t',
  '%_',
];

/** Every id and field comes back as it was, and conditions find it by its text alone. */
export async function expectSafeTexts(store: VectorStore): Promise<void> {
  const own = randomRows(evil.length, 4, 'evil');
  const names = ['title', ...evil];
  const given = {
    ...own,
    ids: evil,
    fields: Object.fromEntries(names.map((name) => [name, evil.map((text) => `${text}!`)])),
  };
  await store.put([given]);
  expect(new Set(await store.fields())).toEqual(new Set(names));
  for (const [at, text] of evil.entries())
    for (const field of ['title', text]) {
      const query = { vectors: own.vectors, width: 4 };
      const [found] = await store.search(query, 20, { where: [{ field, value: `${text}!` }] });
      expect(found.map(({ id }) => id)).toEqual([text]);
      expect(found[0].fields).toEqual(Object.fromEntries(names.map((name) => [name, `${text}!`])));
      expect((await store.items([text])).vectors).toEqual(own.vectors.slice(at * 4, (at + 1) * 4));
    }
  expect(
    (await store.search({ vectors: own.vectors.slice(0, 4), width: 4 }, 20, { without: evil.slice(1) }))[0],
  ).toHaveLength(1);
}

/** What is read out is what was put in, to the bit, after some of it was replaced. */
export async function expectRoundTrip(store: VectorStore): Promise<void> {
  const given = { ...rows, vectors: rows.vectors.map((value, at) => value * 10 ** ((at % 40) - 20)) };
  await store.put([rows]);
  await store.put([given]);
  const read = await openMemoryStore(await store.rows());
  const { ids } = await read.rows();
  expect([...ids].sort()).toEqual([...rows.ids].sort());
  expect((await read.items(given.ids)).vectors).toEqual(given.vectors);
  const titleOf = new Map((await read.rows()).fields.title.map((title, row) => [ids[row], title]));
  expect(given.ids.map((id) => titleOf.get(id))).toEqual(given.fields.title);
}
