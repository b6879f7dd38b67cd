import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readEmbeddingFile, writeEmbeddingFile } from '../../../src/search/files/embedding-file.js';
import { tableOfRows } from '../../../src/search/files/embedding-table.js';
import { openLanceStore } from '../../../src/search/stores/lance.js';
import { openMemoryStore } from '../../../src/search/stores/memory.js';
import { moonLab } from '../../cli/moon-lab.js';
import { lance } from '../../needs.js';
import { randomRows } from './random-rows.js';
import { expectRoundTrip, expectSafeTexts, expectSameAnswers } from './same-answers.js';

const folder = mkdtempSync(join(tmpdir(), 'moon-lance-'));
afterAll(() => rmSync(folder, { recursive: true }));
const open = (name: string) => openLanceStore(join(folder, name));

describe('LanceDB', { tags: ['lance'] }, () => {
  beforeAll(() => {
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(lance);
    return () => cwd.mockRestore();
  });

  test('gives the answers of a search in memory', async () => expectSameAnswers(await open('same')));
  test('holds any text, and runs none of it', async () => expectSafeTexts(await open('texts')));
  test('gives back what it was given', async () => expectRoundTrip(await open('trip')));

  test('the command line loads, searches and reads out', async () => {
    const [file, back] = ['shop.parquet', 'back.jsonl'].map((name) => join(folder, name));
    const rows = randomRows(50);
    const store = `lance:${join(folder, 'line')}`;
    writeEmbeddingFile(file, tableOfRows(rows));
    const search = (index: string) => moonLab('search', '--index', index, '--like', 'p7', '--where', 'category=Food');
    expect((await moonLab('index', '--embeddings', file, '--to', store)).out).toBe(`50 items loaded into ${store}\n`);
    expect(await search(store)).toEqual(await search(file));
    expect((await moonLab('index', '--from', store, '--out', back)).code).toBe(0);
    const read = openMemoryStore((await readEmbeddingFile(back)).rows);
    expect((await read.items(rows.ids)).vectors).toEqual(rows.vectors);
  });

  test('what is refused leaves it as it was, and is found again', async () => {
    const rows = randomRows(20);
    await (await open('kept')).put([rows]);
    const store = await open('kept');
    await expect(store.put([randomRows(2), randomRows(2)])).rejects.toThrow('p0: comes twice');
    await expect(store.put([randomRows(1, 3)])).rejects.toThrow('holds vectors of width 8');
    await expect(store.put([{ ...rows, fields: { shape: rows.ids } }])).rejects.toThrow(
      /kept: has the fields title, category, colour, and what is loaded has shape too\. Load it into another folder\.$/,
    );
    await store.put([{ ...randomRows(1), fields: {} }]);
    const { ids, fields } = await store.rows();
    expect([ids.length, fields.title[ids.indexOf('p0')]]).toEqual([20, null]);
    await store.close();
  });
});

test('without the package one sentence says how to have it', async () => {
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder);
  await expect(open('x')).rejects.toThrow(
    'lance: needs the npm package @lancedb/lancedb, which moon-lab does not install (500 MB, Node 22 or newer). Have it with npm install',
  );
  cwd.mockRestore();
});
