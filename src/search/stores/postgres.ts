import { UserError, wrongOption } from '../../checks/error.js';
import { emptyRows } from '../files/embedding-table.js';
import { checkSearch, idsOnce, isPath, LEVEL } from './check-search.js';
import { type Connection, connect } from './postgres-connection.js';
import { checkPart, readAll, rowsOf, textOf, upsert } from './postgres-rows.js';
import { rankCandidates } from './rank-candidates.js';
import {
  type Condition,
  EXACT_UP_TO,
  type FoundItem,
  type StoreSearchOptions,
  type VectorStore,
} from './vector-store.js';

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
