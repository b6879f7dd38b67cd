import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { countLeaks } from '../../../src/engine/memory.js';
import { exactCandidates, uploadBlocks } from '../../../src/search/stores/exact.js';
import { openMemoryStore } from '../../../src/search/stores/memory.js';
import { rankCandidates } from '../../../src/search/stores/rank-candidates.js';
import { randomRows, slowSearch } from './random-rows.js';

const folder = mkdtempSync(join(tmpdir(), 'moon-memory-store-'));
afterAll(() => rmSync(folder, { recursive: true }));
const rows = randomRows(500);
const queries = randomRows(3, 8, 'queries');
const queryAt = (at: number) => queries.vectors.subarray(at * 8, (at + 1) * 8);

test('candidates of the engine hold what comparing with every row finds, ties in order of their ids', async () => {
  const { result, leaked } = await countLeaks(async () => {
    const blocks = uploadBlocks(rows.vectors, 8, undefined, 128);
    const found = [...exactCandidates(blocks, 500, queries, 10)];
    blocks.dispose();
    return found;
  });
  expect(leaked).toBe(0);
  result.forEach((candidates, at) => {
    expect(candidates.every((row) => row < 500)).toBe(true);
    const ranked = rankCandidates(queryAt(at), candidates, rows, 10);
    const slow = slowSearch(rows, queryAt(at), () => true).slice(0, 10);
    expect(ranked.map(({ row }) => rows.ids[row])).toEqual(slow.map(({ id }) => id));
  });
  // A tie at the last place: p19 and p20 are equal, and p19 stays.
  const [tied] = exactCandidates(
    uploadBlocks(rows.vectors, 8),
    500,
    { vectors: rows.vectors.slice(19 * 8, 20 * 8), width: 8 },
    1,
  );
  expect(rankCandidates(rows.vectors.slice(19 * 8, 20 * 8), tied, rows, 1).map(({ row }) => row)).toEqual([19]);
});

test('a search on the engine gives what a plain one gives, filtered too', async () => {
  const many = randomRows(66_000, 16, 'many');
  const asked = randomRows(128, 16, 'asked');
  const store = openMemoryStore(many);
  const { leaked } = await countLeaks(async () => {
    for (const where of [[], [{ field: 'category', value: 'Food' }]]) {
      const all = await store.search(asked, 5, { where });
      for (const at of [0, 127]) {
        const query = asked.vectors.subarray(at * 16, (at + 1) * 16);
        const isIn = (row: number) => !where.length || (many.fields.category[row] ?? '').split(' > ')[0] === 'Food';
        const slow = slowSearch(many, query, isIn).slice(0, 5);
        expect(all[at].map(({ id }) => id)).toEqual(slow.map(({ id }) => id));
      }
    }
    await store.close();
  });
  expect(leaked).toBe(0);
});

test('conditions hold for a value, and a category for what lies below it', async () => {
  const store = openMemoryStore(rows);
  const [found] = await store.search({ vectors: queryAt(0), width: 8 }, 500, {
    where: [
      { field: 'category', value: 'Food > Fruit' },
      { field: 'colour', value: 'red' },
    ],
  });
  expect(new Set(found.map(({ fields }) => fields.category))).toEqual(
    new Set(['Food > Fruit > Apple', 'Food > Fruit']),
  );
  expect(new Set(found.map(({ fields }) => fields.colour))).toEqual(new Set(['red']));
  const [none] = await store.search(queries, 3, { where: [{ field: 'title', value: 'product' }] });
  expect(none).toEqual([]);
});

test('of several rows of one id the best counts; ids are left out', async () => {
  const repeated = { ...rows, ids: rows.ids.map((_, row) => `p${row % 50}`) };
  const store = openMemoryStore(repeated);
  for (const method of ['exact', 'approximate'] as const) {
    const [found] = await store.search({ vectors: queryAt(1), width: 8 }, 4, { without: ['p3'], method });
    const best = new Map<string, number>();
    for (const { id, similarity } of slowSearch(repeated, queryAt(1), () => true))
      if (id !== 'p3' && !best.has(id)) best.set(id, similarity);
    expect(found.map(({ id }) => id)).toEqual([...best.keys()].slice(0, 4));
  }
});

test('an approximate search keeps its index, and builds it again where it is damaged', async () => {
  const indexFolder = join(folder, 'neighbours');
  const answers = [];
  for (let time = 0; time < 3; time++) {
    const store = openMemoryStore(rows, { indexFolder });
    answers.push(await store.search(queries, 10, { method: 'approximate' }));
    if (time === 1)
      writeFileSync(join(indexFolder, readdirSync(indexFolder).find((name) => name.endsWith('.usearch'))!), '');
  }
  const exact = await openMemoryStore(rows).search(queries, 10);
  for (const each of answers) expect(each).toEqual(exact);
});

test('what is put replaces items of the same id, all or none', async () => {
  const store = openMemoryStore(randomRows(4), { name: 'shop' });
  const more = randomRows(2, 8, 'more');
  await expect(store.put([more, more])).rejects.toThrow('p0: comes twice, expected each id once.');
  await expect(store.put([randomRows(1, 3)])).rejects.toThrow(
    'shop: holds vectors of width 8, and what is loaded has width 3. Use the network that made them',
  );
  expect(await store.put([more])).toBe(2);
  const { ids } = await store.rows();
  expect([...ids].sort()).toEqual(['p0', 'p1', 'p2', 'p3']);
  expect((await store.items(['p1'])).vectors).toEqual(more.vectors.slice(8));
});

test('what is wrong is said in one sentence', async () => {
  const store = openMemoryStore(rows, { name: 'shop' });
  const query = { vectors: queryAt(0), width: 8 };
  await expect(store.search(query, 5, { where: [{ field: 'colr', value: 'red' }] })).rejects.toThrow(
    'where: got "colr", expected a field of shop: title, category, colour; the nearest is colour.',
  );
  await expect(store.search({ vectors: queryAt(0), width: 4 }, 5)).rejects.toThrow('shop: holds vectors of width 8');
  await expect(store.search(query, 0)).rejects.toThrow('k: got 0');
  await expect(store.search({ vectors: new Float32Array(8), width: 8 }, 5)).rejects.toThrow('has no direction');
  await expect(store.items(['p1x'])).rejects.toThrow('shop: has no item "p1x"; the nearest name is p1');
  await expect(openMemoryStore().search(query, 5)).rejects.toThrow('the index: holds no vectors.');
});
