/** How a table is stored. */
export type TableKind = 'csv' | 'jsonl' | 'json' | 'parquet' | 'xlsx' | 'xml' | 'txt';

const kinds: Record<string, TableKind> = {
  csv: 'csv',
  tsv: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  parquet: 'parquet',
  xlsx: 'xlsx',
  json: 'json',
  xml: 'xml',
  txt: 'txt',
};

/** The kinds of files that may well be something else than a table: they are read where they are named, or where nothing else is there. */
export const uncertainKinds: readonly TableKind[] = ['json', 'xml', 'txt'];

/** File endings of tables, for messages. Text may be compressed as well: `products.csv.gz`. */
export const tableEndings = Object.keys(kinds).map((ending) => `.${ending}`);

/** The kind of a table by the ending of its name; undefined for another file. */
export function tableKind(name: string): TableKind | undefined {
  const [, ending, packed] = /\.([a-z]+?)(\.gz)?$/i.exec(name) ?? [];
  const kind = ending && kinds[ending.toLowerCase()];
  return kind && !(packed && ['parquet', 'xlsx'].includes(kind)) ? kind : undefined;
}
