import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError } from '../../checks/error.js';
import { type EmbeddingRows, emptyRows } from '../files/embedding-table.js';
import { joinRows } from '../files/join-rows.js';
import { pickRows } from '../files/pick-rows.js';
import { checkEmbeddings } from '../unit-embeddings.js';
import { checkSearch, checkWidth, idsOnce, isPath, LEVEL } from './check-search.js';
import type { Column, LanceModule, LanceTable } from './lance-types.js';
import { rankCandidates } from './rank-candidates.js';
import type { Condition, VectorStore } from './vector-store.js';

const PACKAGE = '@lancedb/lancedb';
const TABLE = 'items';
/** Rows that a search fetches beyond those wanted: equal ones at the end, and those that single precision puts there. */
const MORE = 16;

/**
 * A folder of LanceDB: a table `items` of `id`, `vector` and a column of text for each field. Searches are exact: it has no index of
 * neighbours.
 * @throws UserError where the npm package @lancedb/lancedb is not installed
 */
export async function openLanceStore(folder: string): Promise<VectorStore> {
  const name = `lance:${folder}`;
  const { lance, arrow } = await loadLance();
  const inWords = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof UserError) throw error;
      const said = (error as Error).message.split('\n')[0].slice(0, 300);
      throw new UserError(
        `${name}: LanceDB cannot read or write it (${said}). Check the folder, and run the command again.`,
      );
    }
  };
  const database = await inWords(() => lance.connect(folder));
  let table: LanceTable | undefined;
  let columns: Map<string, string> = new Map();
  let width: number | undefined;
  const look = () =>
    inWords(async () => {
      if (!(await database.tableNames()).includes(TABLE)) return;
      table = await database.openTable(TABLE);
      const { fields } = await table.schema();
      width = fields.find((field) => field.name === 'vector')?.type.listSize;
      const texts = fields.filter((field) => field.name !== 'vector' && field.name !== 'id');
      columns = new Map(texts.map((field) => [fieldOf(field.name), field.name]));
    });
  await look();

  /** Rows as a table of Arrow, whose vectors are not copied. */
  const arrowOf = (rows: EmbeddingRows) => {
    const text = (values: readonly (string | null)[]) => arrow.vectorFromArray(values, new arrow.Utf8());
    const number = arrow.makeData({ type: new arrow.Float32(), data: rows.vectors });
    const type = new arrow.FixedSizeList(rows.width, new arrow.Field('item', new arrow.Float32(), true));
    const vector = new arrow.Vector([arrow.makeData({ type, length: rows.ids.length, nullCount: 0, child: number })]);
    const fields = Object.entries(rows.fields).map(([field, values]) => [columnOf(field), text(values)] as const);
    return new arrow.Table({ id: text(rows.ids), vector, ...Object.fromEntries(fields) });
  };
  const rowsOf = (found: Record<string, unknown>[]): EmbeddingRows => {
    const vectors = new Float32Array(found.length * width!);
    found.forEach(({ vector }, row) => void vectors.set(Float32Array.from(vector as Iterable<number>), row * width!));
    const fields = [...columns].map(([field, column]) => [
      field,
      found.map((own) => (own[column] as string | null | undefined) ?? null),
    ]);
    return { ids: found.map(({ id }) => id as string), vectors, width: width!, fields: Object.fromEntries(fields) };
  };

  const store: VectorStore = {
    name,
    notes: [],
    get width() {
      return width;
    },
    fields: async () => [...columns.keys()],
    async put(parts) {
      const [once, all] = [idsOnce(), [...parts]];
      let own = width;
      for (const part of all) {
        checkEmbeddings(part);
        if (own !== undefined) checkWidth(name, own, part.width, 'what is loaded');
        own = part.width;
        once(part.ids);
      }
      const given = joinRows(all);
      if (!given.ids.length) return 0;
      const other = table && Object.keys(given.fields).find((field) => !columns.has(field));
      if (other !== undefined)
        throw new UserError(
          `${name}: has the fields ${[...columns.keys()].join(', ') || 'none'}, and what is loaded has ${other} too. Load it into another folder.`,
        );
      const lacking = [...columns.keys()].filter((field) => !given.fields[field]);
      const fields = {
        ...given.fields,
        ...Object.fromEntries(lacking.map((field) => [field, given.ids.map(() => null)])),
      };
      const data = arrowOf({ ...given, fields });
      // One version of the table: LanceDB writes it whole, or not at all.
      await inWords(() =>
        table
          ? table.mergeInsert('id').whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(data)
          : database.createTable(TABLE, data),
      );
      await look();
      return given.ids.length;
    },
    rows: async () => (table ? rowsOf(await inWords(() => table!.query().toArray())) : emptyRows),
    async items(ids) {
      const found = table
        ? rowsOf(
            await inWords(() =>
              table!
                .query()
                .where(`id in (${ids.map(literal).join(', ')})`)
                .toArray(),
            ),
          )
        : emptyRows;
      const rowOf = new Map(found.ids.map((id, row) => [id, row]));
      const unknown = ids.find((id) => !rowOf.has(id));
      if (unknown !== undefined) throw new UserError(`${name}: has no item ${JSON.stringify(unknown)}.`);
      return pickRows(
        found,
        ids.map((id) => rowOf.get(id)!),
      );
    },
    async search(queries, k, { where = [], without = [] } = {}) {
      await checkSearch(store, queries, k, where);
      const results = [];
      for (let from = 0; from < queries.vectors.length; from += width!) {
        const vector = queries.vectors.subarray(from, from + width!);
        const search = table!
          .vectorSearch(vector)
          .distanceType('cosine')
          .limit(k + without.length + MORE);
        const conditions = where.map((each) => conditionText(each, columns.get(each.field)!));
        const found = await inWords(() => (where.length ? search.where(conditions.join(' and ')) : search).toArray());
        const rows = rowsOf(found);
        const ranked = rankCandidates(vector, rows.ids.keys(), rows, k + without.length);
        results.push(
          ranked
            .filter(({ row }) => !without.includes(rows.ids[row]))
            .slice(0, k)
            .map(({ row, similarity }) => ({
              id: rows.ids[row],
              similarity,
              fields: Object.fromEntries(Object.entries(rows.fields).map(([field, values]) => [field, values[row]])),
            })),
        );
      }
      return results;
    },
    async close() {
      table?.close();
      database.close();
    },
  };
  return store;
}

/** Names of columns hold only what needs no escape: other fields are written in hexadecimal. */
function columnOf(field: string): Column {
  const isPlain = /^[a-z][a-z0-9_]*$/.test(field) && !/^(id|vector|_.*|x_.*)$/.test(field);
  return isPlain ? field : `x_${Buffer.from(field).toString('hex')}`;
}

const fieldOf = (column: Column): string =>
  column.startsWith('x_') ? Buffer.from(column.slice(2), 'hex').toString() : column;

/** A text in a condition of LanceDB, which takes no bound values: standard SQL, where only the quote is special. */
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function conditionText({ field, value }: Condition, column: Column): string {
  const equals = `\`${column}\` = ${literal(value)}`;
  return isPath(field) ? `(${equals} or starts_with(\`${column}\`, ${literal(value + LEVEL)}))` : equals;
}

/** The package, from moon-lab's own folder or from where the user works. */
async function loadLance(): Promise<LanceModule> {
  for (const from of [import.meta.url, pathToFileURL(join(process.cwd(), 'package.json')).href]) {
    try {
      const require = createRequire(from);
      const beside = createRequire(require.resolve(PACKAGE));
      return { lance: require(PACKAGE), arrow: beside('apache-arrow') };
    } catch {
      // Tried from the next folder.
    }
  }
  throw new UserError(
    `lance: needs the npm package ${PACKAGE}, which moon-lab does not install (500 MB, Node 22 or newer). Have it with npm install --no-save ${PACKAGE}@0.39.0, in the folder of moon-lab or in yours.`,
  );
}
