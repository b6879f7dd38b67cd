import { UserError, wrongOption } from '../../checks/error.js';
import { type EmbeddingRows, emptyRows } from '../files/embedding-table.js';
import { joinRows } from '../files/join-rows.js';
import { checkEmbeddings } from '../unit-embeddings.js';
import { checkSearch, checkWidth, idsOnce, isPath, LEVEL } from './check-search.js';
import { type Connection, connect } from './postgres-connection.js';
import { rankCandidates } from './rank-candidates.js';
import {
  type Condition,
  EXACT_UP_TO,
  type FoundItem,
  type StoreSearchOptions,
  type VectorStore,
} from './vector-store.js';

/** Rows of one statement. */
const PART = 500;
/** Rows that a search fetches beyond those wanted: equal ones at the end, and those that single precision puts there. */
const MORE = 16;
/** Limits of pgvector 0.6: the width of an indexed vector, and of the list that a search of the index keeps. */
const [MAX_INDEXED, MAX_KEPT] = [2000, 1000];

/**
 * A table of a PostgreSQL server with pgvector, named by `DATABASE_URL`: `id text primary key, fields jsonb, vector vector(N)`, with an HNSW
 * index by cosine. It is made when rows are first put. Ids, names and values of fields, vectors: all are bound parameters.
 * @param table its name, or SCHEMA.NAME; letters, digits and underscores
 * @throws UserError for another name, a table of something else, or a server that cannot be reached
 */
export async function openPostgresStore(table: string): Promise<VectorStore> {
  const name = `postgres:${table}`;
  if (!/^([A-Za-z_]\w{0,49}\.)?[A-Za-z_]\w{0,49}$/.test(table))
    throw wrongOption(
      'index',
      name,
      'postgres:TABLE, at most 50 letters, digits and underscores, not beginning with a digit',
    );
  const quoted = table.split('.').map((part) => `"${part}"`);
  const place = quoted.join('.');
  const connection = await connect();
  const { query, transaction } = connection;
  let width: number | undefined;
  try {
    width = await widthOf(connection, name, place);
  } catch (error) {
    await connection.end();
    throw error;
  }

  const count = async () => {
    const [{ estimate }] = await query(
      'select reltuples::float8 as estimate from pg_class where oid = to_regclass($1)',
      [place],
    );
    if ((estimate as number) >= 0) return estimate as number;
    const [{ counted }] = await query(`select count(*)::float8 as counted from ${place}`);
    return counted as number;
  };
  const store: VectorStore = {
    name,
    notes: [],
    get width() {
      return width;
    },
    async fields() {
      if (width === undefined) return [];
      const found = await query(
        `select distinct field from ${place}, jsonb_object_keys(fields) as field order by field`,
      );
      return found.map(({ field }) => field as string);
    },
    async put(parts) {
      const once = idsOnce();
      return transaction(async () => {
        let done = 0;
        let own = width;
        for (const part of parts) {
          checkPart(name, part, own);
          once(part.ids);
          if (own === undefined) await createTable(connection, place, part.width);
          own = part.width;
          await upsert(connection, place, part);
          done += part.ids.length;
        }
        if (own !== undefined && own <= MAX_INDEXED)
          await query(
            `create index if not exists "${table.split('.').at(-1)}_hnsw" on ${place} using hnsw (vector vector_cosine_ops)`,
          );
        return [done, own] as const;
      }).then(([done, own]) => {
        width = own;
        return done;
      });
    },
    rows: () => (width === undefined ? Promise.resolve(emptyRows) : readAll(connection, place, store)),
    async items(ids) {
      const found =
        width === undefined
          ? []
          : await query(`select id, fields, vector::text as vector from ${place} where id = any($1)`, [ids]);
      const of = new Map(found.map((row) => [row.id, row]));
      return rowsOf(
        ids.map((id) => {
          const row = of.get(id);
          if (!row) throw new UserError(`${name}: has no item ${JSON.stringify(id)}.`);
          return row;
        }),
        width!,
      );
    },
    async search(queries, k, options = {}) {
      await checkSearch(store, queries, k, options.where ?? []);
      const { where = [], without = [], method = (await count()) > EXACT_UP_TO ? 'approximate' : 'exact' } = options;
      const wanted = k + without.length + MORE;
      const isExact = method === 'exact' || where.length > 0 || wanted > MAX_KEPT;
      return transaction(async () => {
        await query("select set_config('enable_indexscan', $1, true), set_config('hnsw.ef_search', $2, true)", [
          isExact ? 'off' : 'on',
          String(Math.min(MAX_KEPT, Math.max(128, 2 * wanted))),
        ]);
        const results: FoundItem[][] = [];
        for (let from = 0; from < queries.vectors.length; from += width!) {
          const vector = queries.vectors.subarray(from, from + width!);
          results.push(await searchOne(connection, place, vector, { where, wanted, isExact, without, k }));
        }
        return results;
      }, 'read only');
    },
    close: () => connection.end(),
  };
  return store;
}

/** The width of the vectors of a table; undefined if there is no such table. */
async function widthOf({ query }: Connection, name: string, place: string): Promise<number | undefined> {
  const columns = await query(
    `select attname::text as name, format_type(atttypid, atttypmod) as type from pg_attribute
     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`,
    [place],
  );
  if (!columns.length) return undefined;
  const typeOf = new Map(columns.map(({ name: own, type }) => [own, type as string]));
  const width = /(?:^|\.)vector\((\d+)\)$/.exec(typeOf.get('vector') ?? '')?.[1];
  if (width === undefined || typeOf.get('id') !== 'text' || typeOf.get('fields') !== 'jsonb')
    throw new UserError(
      `${name}: is a table of something else (${[...typeOf.keys()].join(', ')}), expected the columns id, fields and vector. Choose another name.`,
    );
  return Number(width);
}

async function createTable({ query }: Connection, place: string, width: number): Promise<void> {
  await query('create extension if not exists vector');
  await query(
    `create table if not exists ${place} (id text primary key, fields jsonb not null, vector vector(${Math.trunc(width)}) not null)`,
  );
}

function checkPart(name: string, part: EmbeddingRows, width: number | undefined): void {
  checkEmbeddings(part);
  if (width !== undefined) checkWidth(name, width, part.width, 'what is loaded');
  part.ids.forEach((id, row) => {
    for (const text of [id, ...Object.entries(part.fields).flatMap(([field, values]) => [field, values[row] ?? ''])])
      if (text.includes('\0') || /\p{Surrogate}/u.test(text))
        throw new UserError(
          `${JSON.stringify(id)}: holds ${JSON.stringify(text)}, and PostgreSQL stores no zero bytes and no halves of characters. Leave them out.`,
        );
  });
}

async function upsert(
  { query }: Connection,
  place: string,
  { ids, vectors, width, fields }: EmbeddingRows,
): Promise<void> {
  for (let start = 0; start < ids.length; start += PART) {
    const rows = Array.from({ length: Math.min(PART, ids.length - start) }, (_, at) => start + at);
    await query(
      `insert into ${place} (id, fields, vector) select * from unnest($1::text[], $2::jsonb[], $3::vector[])
       on conflict (id) do update set fields = excluded.fields, vector = excluded.vector`,
      [
        rows.map((row) => ids[row]),
        rows.map((row) =>
          JSON.stringify(Object.fromEntries(Object.entries(fields).map(([name, own]) => [name, own[row]]))),
        ),
        rows.map((row) => textOf(vectors.subarray(row * width, (row + 1) * width))),
      ],
    );
  }
}

async function searchOne(
  { query }: Connection,
  place: string,
  vector: Float32Array,
  {
    where,
    wanted,
    isExact,
    without,
    k,
  }: Required<Pick<StoreSearchOptions, 'where' | 'without'>> & { wanted: number; isExact: boolean; k: number },
): Promise<FoundItem[]> {
  const values: unknown[] = [textOf(vector), wanted];
  const bind = (value: string) => `$${values.push(value)}`;
  const conditions = where.map((each) => conditionText(each, bind));
  const found = await query(
    `select id, fields, vector::text as vector from ${place} ${conditions.length ? `where ${conditions.join(' and ')}` : ''}
     order by vector <=> $1::vector${isExact ? ', id collate "C"' : ''} limit $2`,
    values,
  );
  const rows = rowsOf(found, vector.length, []);
  return rankCandidates(vector, rows.ids.keys(), rows, k + without.length)
    .filter(({ row }) => !without.includes(rows.ids[row]))
    .slice(0, k)
    .map(({ row, similarity }) => ({
      id: rows.ids[row],
      similarity,
      fields: found[row].fields as FoundItem['fields'],
    }));
}

function conditionText({ field, value }: Condition, bind: (value: string) => string): string {
  const [own, wanted] = [`fields ->> ${bind(field)}::text`, bind(value)];
  return isPath(field) ? `(${own} = ${wanted} or starts_with(${own}, ${bind(value + LEVEL)}))` : `${own} = ${wanted}`;
}

/** All rows, fetched in parts of one snapshot. */
async function readAll({ query, transaction }: Connection, place: string, store: VectorStore): Promise<EmbeddingRows> {
  const [names, width] = [await store.fields(), store.width!];
  const parts: EmbeddingRows[] = [];
  await transaction(async () => {
    await query(
      `declare part cursor for select id, fields, vector::text as vector from ${place} order by id collate "C"`,
    );
    for (;;) {
      const found = await query('fetch 2000 from part');
      if (!found.length) break;
      parts.push(rowsOf(found, width, names));
    }
  }, 'read only');
  return parts.length ? joinRows(parts) : { ...emptyRows, width };
}

/** @param names fields of the result; default those that the rows have */
function rowsOf(found: readonly Record<string, unknown>[], width: number, names?: readonly string[]): EmbeddingRows {
  const vectors = new Float32Array(found.length * width);
  found.forEach(({ vector }, row) => void vectors.set(numbersOf(vector as string), row * width));
  const own = found.map(({ fields }) => fields as Record<string, string | null>);
  const all = names ?? [...new Set(own.flatMap((fields) => Object.keys(fields)))];
  const fields = Object.fromEntries(all.map((name) => [name, own.map((each) => each[name] ?? null)]));
  return { ids: found.map(({ id }) => id as string), vectors, width, fields };
}

/** A vector as pgvector reads and writes it, exact for float32. */
const textOf = (vector: Float32Array): string => `[${vector.join(',')}]`;
const numbersOf = (text: string): number[] => JSON.parse(text) as number[];
