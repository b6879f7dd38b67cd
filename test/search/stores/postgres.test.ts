import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readEmbeddingFile, writeEmbeddingFile } from '../../../src/search/files/embedding-file.js';
import { tableOfRows } from '../../../src/search/files/embedding-table.js';
import { openMemoryStore } from '../../../src/search/stores/memory.js';
import { openPostgresStore } from '../../../src/search/stores/postgres.js';
import type { VectorStore } from '../../../src/search/stores/vector-store.js';
import { moonLab } from '../../cli/moon-lab.js';
import { PASSWORD, type TestServer, testServer } from './postgres-server.js';
import { randomRows } from './random-rows.js';
import { expectRoundTrip, expectSafeTexts, expectSameAnswers } from './same-answers.js';

const before = process.env.DATABASE_URL;
afterAll(() => {
  if (before === undefined) delete process.env.DATABASE_URL;
  else process.env.DATABASE_URL = before;
});

async function inStore<T>(table: string, work: (store: VectorStore) => Promise<T>): Promise<T> {
  const store = await openPostgresStore(table);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

describe('a real server', { tags: ['postgres'] }, () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await testServer();
  });
  afterAll(() => server?.remove());
  beforeEach(() => {
    process.env.DATABASE_URL = server.url;
  });

  async function sql(text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  test('gives the answers of a search in memory', () => inStore('same', expectSameAnswers));
  test('holds any text, and runs none of it', () => inStore('texts', expectSafeTexts));
  test('gives back what it was given', () => inStore('Trip', expectRoundTrip));

  test('an approximate search reads the HNSW index, an exact one does not', async () => {
    await inStore('indexed', (store) => store.put([randomRows(1000, 16)]));
    const [{ indexdef }] = await sql(
      "select indexdef from pg_indexes where tablename = 'indexed' and indexname = 'indexed_hnsw'",
    );
    expect(indexdef).toContain('USING hnsw (vector vector_cosine_ops)');
    const scans = async () => {
      await sql('select pg_stat_force_next_flush()');
      return Number(
        (await sql("select idx_scan from pg_stat_user_indexes where indexrelname = 'indexed_hnsw'"))[0].idx_scan,
      );
    };
    const query = randomRows(1, 16, 'asked');
    await inStore('indexed', (store) => store.search(query, 10));
    expect(await scans()).toBe(0);
    await inStore('indexed', (store) => store.search(query, 10, { method: 'approximate' }));
    // The server counts when the connection has ended.
    await expect.poll(scans).toBe(1);
    await inStore('indexed', (store) =>
      store.search(query, 10, { method: 'approximate', where: [{ field: 'colour', value: 'red' }] }),
    );
    await expect.poll(scans).toBe(1);
  });

  test('a server that ends half-way through loading keeps nothing of it; the same call completes', async () => {
    await inStore('cut', (store) => store.put([randomRows(40)]));
    const more = randomRows(600, 8, 'more');
    const store = await openPostgresStore('cut');
    const half = async () => {
      // `put` takes parts as it needs them, so the server ends between two of them.
      let ended: Promise<void> | undefined;
      await store
        .put(
          (function* () {
            yield more;
            ended = server.kill();
            yield { ...randomRows(600, 8, 'most'), ids: more.ids.map((id) => `${id}-2`) };
          })(),
        )
        .finally(() => ended);
    };
    await expect(half()).rejects.toThrow(
      /^The PostgreSQL server of DATABASE_URL cannot be reached; start it or check DATABASE_URL, and run the command again \(\w+\)\.$/,
    );
    await expect(store.search(more, 1)).rejects.toThrow('cannot be reached');
    await store.close();
    await expect(openPostgresStore('cut')).rejects.toThrow('cannot be reached');
    await server.start();
    expect((await inStore('cut', (again) => again.rows())).ids).toHaveLength(40);
    await inStore('cut', (again) => again.put([more]));
    const [found, expected] = [
      await inStore('cut', (again) => again.search(randomRows(2, 8, 'asked'), 5)),
      await openMemoryStore(more).search(randomRows(2, 8, 'asked'), 5),
    ];
    expect(found).toEqual(expected);
  });

  test('what is refused leaves the table as it was', async () => {
    await inStore('kept', (store) => store.put([randomRows(20)]));
    const put = (...parts: ReturnType<typeof randomRows>[]) => inStore('kept', (store) => store.put(parts));
    const more = randomRows(30, 8, 'more');
    await expect(put(more, more)).rejects.toThrow('p0: comes twice');
    await expect(put(more, randomRows(1, 3))).rejects.toThrow('postgres:kept: holds vectors of width 8');
    await expect(put(more, { ...randomRows(1), ids: ['a\0b'] })).rejects.toThrow('"a\\u0000b": holds "a\\u0000b"');
    await expect(put(more, { ...randomRows(1), ids: ['z'], fields: { title: ['\ud800'] } })).rejects.toThrow(
      'no halves of characters',
    );
    expect((await inStore('kept', (store) => store.rows())).ids).toHaveLength(20);
    await sql('create table users (name text)');
    await expect(openPostgresStore('users')).rejects.toThrow(
      'postgres:users: is a table of something else (name), expected the columns id, fields and vector. Choose another name.',
    );
    await expect(
      inStore('kept', (store) => store.search(more, 1, { where: [{ field: 'titel', value: 'x' }] })),
    ).rejects.toThrow(
      'where: got "titel", expected a field of postgres:kept: category, colour, title; the nearest is title.',
    );
    await expect(inStore('nothing', (store) => store.search(more, 1))).rejects.toThrow(
      'postgres:nothing: holds no vectors.',
    );
  });

  test('the command line loads, searches and reads out; the password is in nothing that it prints or writes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'moon-postgres-line-'));
    const rows = randomRows(300, 16);
    const [file, back, page] = ['shop.parquet', 'back.parquet', 'page.html'].map((name) => join(folder, name));
    writeEmbeddingFile(file, tableOfRows(rows));
    const said = [
      await moonLab('index', '--embeddings', file, '--to', 'postgres:line', '--json'),
      await moonLab('index', '--embeddings', file, '--to', 'postgres:line'),
      await moonLab('index', '--from', 'postgres:line', '--out', back),
      await moonLab('search', '--index', 'postgres:line', '--like', 'p7', '--where', 'category=Food', '--html', page),
      await moonLab('search', '--index', file, '--like', 'p7', '--where', 'category=Food'),
      await moonLab('index', '--embeddings', file, '--to', 'postgres:users; drop table line'),
    ];
    expect(said.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 1]);
    expect(JSON.parse(said[0].out)).toEqual({ items: 300, width: 16, to: 'postgres:line' });
    expect(said[2].out).toBe(`300 items written to ${back}\n`);
    expect(said[3].out).toBe(said[4].out);
    const read = openMemoryStore((await readEmbeddingFile(back)).rows);
    expect((await read.items(rows.ids)).vectors).toEqual(rows.vectors);
    const all = JSON.stringify(said) + readFileSync(page, 'utf8') + readFileSync(back, 'latin1');
    expect(all).not.toContain(PASSWORD);
    rmSync(folder, { recursive: true });
  });

  test('an address that is wrong is named without its password', async () => {
    const saying = async (url: string) => {
      process.env.DATABASE_URL = url;
      const error: Error = await openPostgresStore('kept').then(
        () => expect.unreachable(),
        (thrown) => thrown,
      );
      for (const part of [PASSWORD, 's3cret', 'wr0ng']) expect(`${error.message} ${error.stack}`).not.toContain(part);
      return error.message;
    };
    expect(await saying(server.url.replace(PASSWORD, 'wr0ng'))).toBe(
      'The PostgreSQL server of DATABASE_URL refuses the user or the password; check both in DATABASE_URL (28P01).',
    );
    expect(await saying(server.url.replace('/postgres', '/nowhere').replace(/postgres$/, 'x'))).toContain(
      'no database',
    );
    expect(await saying('postgres://moon:s3cret/wr0ng@127.0.0.1:1/x')).toContain('DATABASE_URL');
    expect(await saying('postgres://moon:s3cret@127.0.0.1:wr0ng/x')).toContain('is not an address');
    expect(await saying('s3cret wr0ng')).toContain('DATABASE_URL');
  });
});

test('without an address, and with a name that is none, nothing is connected to', async () => {
  delete process.env.DATABASE_URL;
  await expect(openPostgresStore('items')).rejects.toThrow('DATABASE_URL is not set, expected the address of a server');
  for (const table of ['items; drop table x', '"x"', 'a.b.c', '', '1x', 'x'.repeat(51), "x'"])
    await expect(openPostgresStore(table)).rejects.toThrow('expected postgres:TABLE');
});
