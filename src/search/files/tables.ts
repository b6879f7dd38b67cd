import { UserError } from '../../checks/error.js';
import { openTable } from '../../data/tables/open-table.js';
import { tableEndings } from '../../data/tables/table-kind.js';
import { writeFileAtomic } from '../../store/atomic.js';
import { writeFully } from '../../store/large-transfer.js';
import type { EmbeddingFormat, EmbeddingRows, ReadRows } from './embedding-table.js';
import { parquetWriter } from './parquet-writer.js';

/** Parquet, as Embedding Atlas, DuckDB and pandas read it: `id`, text fields, and `vector`, a list of float32. */
export const parquet: EmbeddingFormat = {
  endings: ['.parquet'],
  read: readTable,
  write(path, { fields, parts }) {
    writeFileAtomic(path, (handle) => {
      const file = parquetWriter(handle, fields);
      for (const part of parts()) file.add(part);
      file.end();
    });
  },
};

/** JSON Lines: an object a line with `id`, the fields, and `vector`, a list of numbers. */
export const jsonLines: EmbeddingFormat = {
  endings: ['.jsonl'],
  read: readTable,
  write(path, { parts }) {
    writeFileAtomic(path, (handle) => {
      for (const part of parts()) for (const line of linesOf(part)) writeFully(handle, Buffer.from(line));
    });
  },
};

/** Any other table with a column of vectors, which in text are lists as in JSON. */
export const otherTable: EmbeddingFormat = {
  endings: tableEndings.filter((ending) => !['.parquet', '.jsonl'].includes(ending)),
  read: readTable,
};

function* linesOf({ ids, vectors, width, fields }: EmbeddingRows): Generator<string> {
  for (const [row, id] of ids.entries()) {
    const own = Object.entries(fields).map(([name, values]) => [name, values[row]] as const);
    const vector = Array.from(vectors.subarray(row * width, (row + 1) * width));
    yield `${JSON.stringify({ id, ...Object.fromEntries(own), vector })}\n`;
  }
}

/** Usual names of the two columns, in the order in which they are preferred. */
const idColumns = ['id', 'ids', 'product_id', 'item_id', 'query_id', 'product', 'item', 'query', 'sku', 'asin'];
const vectorColumns = ['vector', 'vectors', 'embedding', 'embeddings', 'features'];

async function readTable(path: string): Promise<ReadRows> {
  const table = await openTable(path);
  const idColumn = columnOf(path, table.columns, idColumns, 'ids');
  const vectorColumn = columnOf(path, table.columns, vectorColumns, 'vectors');
  const others = table.columns.filter((name) => name !== idColumn && name !== vectorColumn);
  const notes = new Map<string, { count: number; first: string[] }>();
  const leaveOut = (why: string, place: string) => {
    const note = notes.get(why) ?? { count: 0, first: [] };
    note.count++;
    if (note.first.length < 3) note.first.push(place);
    notes.set(why, note);
  };
  const ids: string[] = [];
  const rows: number[][] = [];
  const fields = Object.fromEntries(others.map((name) => [name, [] as (string | null)[]]));
  const skipped = (kind: string, line: number | undefined, message: string) =>
    leaveOut(`${kind}: ${message}`, line === undefined ? 'the file' : `line ${line}`);
  for await (const { line, values } of table.rows(skipped)) {
    const id = textOf(values[idColumn]);
    const vector = numbersOf(values[vectorColumn]);
    if (id === null) leaveOut('no id', `line ${line}`);
    else if (!vector?.length) leaveOut(`no list of numbers in ${vectorColumn}`, `line ${line} (${id})`);
    else if (rows.length && vector.length !== rows[0].length)
      leaveOut(`another width than ${rows[0].length}, that of the first row`, `line ${line} (${id}: ${vector.length})`);
    else {
      ids.push(id);
      rows.push(vector);
      for (const name of others) fields[name].push(textOf(values[name]));
    }
  }
  const width = rows[0]?.length ?? 0;
  const vectors = new Float32Array(rows.length * width);
  rows.forEach((vector, row) => void vectors.set(vector, row * width));
  return {
    rows: { ids, vectors, width, fields },
    notes: [...notes].map(
      ([why, { count, first }]) =>
        `${count} rows are left out, ${why}: ${first.join(', ')}${count > first.length ? ' ...' : ''}`,
    ),
  };
}

function columnOf(path: string, columns: readonly string[], usual: readonly string[], what: string): string {
  const found = usual.flatMap((name) => columns.filter((column) => column.toLowerCase() === name))[0];
  if (found === undefined)
    throw new UserError(
      `${path}: has no column of ${what}, but ${columns.join(', ') || 'none'}. Name one "${usual[0]}".`,
    );
  return found;
}

/** The numbers of a list, or of a list written as JSON; undefined where something else stands in it. */
function numbersOf(value: unknown): number[] | undefined {
  if (typeof value === 'string' && value.startsWith('[')) {
    try {
      return numbersOf(JSON.parse(value));
    } catch {
      return undefined;
    }
  }
  const list = Array.isArray(value) ? value : ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : undefined;
  return list?.every((each) => typeof each === 'number' || each === null)
    ? list.map((each) => (each === null ? Number.NaN : each))
    : undefined;
}

/** A cell as text: bytes are UTF-8, lists and objects JSON; null where it is empty. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
