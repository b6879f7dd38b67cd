import { UserError } from '../../checks/error.js';
import { type EmbeddingRows, emptyRows } from '../files/embedding-table.js';
import { joinRows } from '../files/join-rows.js';
import { checkEmbeddings } from '../unit-embeddings.js';
import { checkWidth } from './check-search.js';
import type { Connection } from './postgres-connection.js';
import type { VectorStore } from './vector-store.js';

/** Rows of embeddings into a table `id, fields, vector` and out of it. */

/** Rows of one statement. */
const PART = 500;

/** @throws UserError for another width, or a text that PostgreSQL cannot store */
export function checkPart(name: string, part: EmbeddingRows, width: number | undefined): void {
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

/** Add rows, or replace those of the same ids. */
export async function upsert(
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

/** All rows, fetched in parts of one snapshot. */
export async function readAll(
  { query, transaction }: Connection,
  place: string,
  store: VectorStore,
): Promise<EmbeddingRows> {
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
export function rowsOf(
  found: readonly Record<string, unknown>[],
  width: number,
  names?: readonly string[],
): EmbeddingRows {
  const vectors = new Float32Array(found.length * width);
  found.forEach(({ vector }, row) => void vectors.set(numbersOf(vector as string), row * width));
  const own = found.map(({ fields }) => fields as Record<string, string | null>);
  const all = names ?? [...new Set(own.flatMap((fields) => Object.keys(fields)))];
  const fields = Object.fromEntries(all.map((name) => [name, own.map((each) => each[name] ?? null)]));
  return { ids: found.map(({ id }) => id as string), vectors, width, fields };
}

/** A vector as pgvector reads and writes it, exact for float32. */
export const textOf = (vector: Float32Array): string => `[${vector.join(',')}]`;
const numbersOf = (text: string): number[] => JSON.parse(text) as number[];
