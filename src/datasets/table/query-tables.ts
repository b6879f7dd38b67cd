import type { CatalogueBuilder } from '../../data/catalogue-builder.js';
import { labelCell, splitCell, textCell } from '../../data/tables/cells.js';
import type { TableOpener } from '../../data/tables/open-table.js';
import { plainName, usualNames } from '../../data/tables/usual-columns.js';
import type { Split } from '../../data/types.js';
import { shardsOf, splitOfFile } from './files.js';
import { relevantLabels } from './relevance-labels.js';

/** Rows that say which column holds ids of products. */
const LOOKED_AT = 200;

const queryId = /^(query|search|q)_?id$/i;
/** Names of a column that says its product; where ids are small numbers, those of the rows look the same. */
const productId = /^(product|item|article|artikel|produkt|doc|parent)|^(sku|asin|handle)$/;
const judgement = /^(esci|relevance|query)?(label|relevance|judg(e)?ment|grade|rel|score)$/;

/** Columns of a table of queries. Text and id of a query may stand in another table than its products. */
interface QueryColumns {
  files: string[];
  text?: string;
  id?: string;
  product?: string;
  judgement?: string;
  split?: string;
}

/**
 * Read the tables beside the products that hold queries: rows of a query's text and the id of a product (clicks, purchases, judgements such as Amazon's
 * shopping queries), or of a query's id where a further table has the texts (such as Wayfair's WANDS). The column of products is one whose values
 * are ids of products. Of judged rows only the best grade makes pairs. Rows of one query id are one query with several right products.
 * @returns the files that hold no queries of these products
 */
export async function readQueryTables(
  builder: CatalogueBuilder,
  others: readonly string[],
  open: TableOpener,
): Promise<string[]> {
  const tables: QueryColumns[] = [];
  for (const files of shardsOf(others)) tables.push(await columnsOf(builder, files, open));
  const texts = new Map<string, string>();
  const used = new Set<QueryColumns>();
  const needed = new Set(tables.flatMap((each) => (each.product && !each.text && each.id ? plainName(each.id) : [])));
  for (const table of tables) {
    if (!table.text || !table.id || table.product || !needed.has(plainName(table.id))) continue;
    used.add(table);
    for await (const { row, note } of rowsOf(builder, table, open)) {
      const [id, text] = [labelCell(row, table.id, note), textCell(row, table.text, note)];
      if (id && text) texts.set(id, text);
    }
  }
  for (const table of tables)
    if (table.product && (table.text || (table.id && texts.size))) {
      used.add(table);
      await addPairs(builder, table, texts, open);
    }
  return tables.filter((table) => !used.has(table)).flatMap(({ files }) => files);
}

async function columnsOf(builder: CatalogueBuilder, files: string[], open: TableOpener): Promise<QueryColumns> {
  const { columns, rows: read } = await open(files[0]);
  const named = (usual: RegExp) => columns.find((name) => usual.test(plainName(name)));
  const [text, id] = [named(usualNames.query), named(queryId)];
  if (!text && !id) return { files };
  const hits = new Map<string, number>();
  let rows = 0;
  for await (const row of read(() => {})) {
    for (const name of columns) {
      const value = name === text || name === id ? undefined : labelCell(row, name, () => {});
      if (value !== undefined && builder.products.has(value)) hits.set(name, (hits.get(name) ?? 0) + 1);
    }
    if (++rows === LOOKED_AT) break;
  }
  // A log may name products that are no longer sold.
  const likely = [...hits.keys()].filter((name) => hits.get(name)! > 0.2 * rows);
  const product =
    likely.find((name) => productId.test(plainName(name))) ?? likely.toSorted((a, b) => hits.get(b)! - hits.get(a)!)[0];
  return {
    files,
    text,
    id,
    ...(product !== undefined && { product }),
    judgement: named(judgement),
    split: named(usualNames.split),
  };
}

interface Judged {
  query: string;
  text: string;
  product: string;
  split: Split;
}

async function addPairs(
  builder: CatalogueBuilder,
  table: QueryColumns,
  texts: ReadonlyMap<string, string>,
  open: TableOpener,
): Promise<void> {
  const byGrade = new Map<string, Judged[]>();
  for await (const { row, file, note } of rowsOf(builder, table, open)) {
    const id = labelCell(row, table.id, note);
    const text = textCell(row, table.text, note) ?? (id && texts.get(id));
    const product = labelCell(row, table.product, note);
    if (!text) note('no-query', undefined, 'a row without the text of a query');
    else if (!product || !builder.products.has(product))
      note('unknown-product', undefined, 'a row of a product that the table of products does not have');
    else {
      const split = splitCell(row, table.split, note) ?? splitOfFile(file) ?? 'train';
      const grade = labelCell(row, table.judgement, note) ?? '';
      const judged = byGrade.get(grade) ?? [];
      judged.push({ query: id ?? text, text, product, split });
      byGrade.set(grade, judged);
    }
  }
  const note = builder.noteIn(table.files[0]);
  const right = table.judgement === undefined ? [...byGrade.keys()] : relevantLabels([...byGrade.keys()]);
  if (!right.length && byGrade.size) {
    const grades = [...byGrade.keys()].slice(0, 5).join(', ');
    note('unknown-judgement', undefined, `no queries: which of ${table.judgement} ${grades} is right is not known`);
  }
  const known = new Set<string>();
  for (const [grade, judged] of byGrade) {
    if (!right.includes(grade)) {
      note('not-right', undefined, `${judged.length} rows with ${table.judgement} ${grade || 'empty'} make no pairs`);
      continue;
    }
    for (const { query, text, product, split } of judged) {
      const key = JSON.stringify([query, product, split]);
      if (known.has(key)) continue;
      known.add(key);
      builder.pairs.push({ query: { id: query, text }, product, split });
    }
  }
}

async function* rowsOf(builder: CatalogueBuilder, { files }: QueryColumns, open: TableOpener) {
  for (const file of files) {
    const note = builder.noteIn(file);
    for await (const row of (await open(file)).rows(note)) yield { row, file, note };
  }
}
