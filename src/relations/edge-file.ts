import { UserError } from '../checks/error.js';
import { labelCell, listCell } from '../data/tables/cells.js';
import { isObject } from '../data/tables/json.js';
import { openTable } from '../data/tables/open-table.js';
import type { Row } from '../data/tables/row.js';
import type { NoteLine } from '../data/tables/text-blocks.js';
import { type Edges, edgeList, type Relation, relations } from './edge.js';

/** The edges of a file, and what was not used of it. */
export interface ReadEdges {
  edges: Edges;
  /** Edges that the file has, before any was left out. */
  found: number;
  /** Edges left out, by reason. */
  leftOut: Record<string, number>;
  /** The first notes about rows of the file, with their lines. */
  notes: string[];
}

/** Columns of a list of edges, one row an edge. */
const listColumns = {
  from: ['from', 'source', 'item', 'id', 'product', 'asin'],
  to: ['to', 'target', 'other', 'related', 'partner'],
  relation: ['relation', 'type', 'kind'],
} as const;

/** What relations are called in files. Viewed together is a substitute, bought together a complement (McAuley et al. 2015, arXiv 1506.08839). */
const relationWords: Readonly<Record<string, Relation>> = {
  substitute: 'substitute',
  substitutes: 'substitute',
  'co-view': 'substitute',
  coview: 'substitute',
  also_viewed: 'substitute',
  also_view: 'substitute',
  buy_after_viewing: 'substitute',
  complement: 'complement',
  complements: 'complement',
  'co-purchase': 'complement',
  copurchase: 'complement',
  also_bought: 'complement',
  also_buy: 'complement',
  bought_together: 'complement',
};

/** Fields of Amazon's product files (2014 in `related`, 2018 beside the others) that list other products, and the ids of a product. */
const listFields = ['also_viewed', 'also_view', 'buy_after_viewing', 'also_bought', 'also_buy', 'bought_together'];
const idFields = ['asin', 'parent_asin', 'id', 'product_id'];

const NOTES = 20;

/**
 * Read edges between items from a table: a row for each with the columns `from,to,relation` (or `source,target,type` and their like), or a row for each
 * product with Amazon's lists `also_viewed` and `also_bought` (2014: inside `related`; 2018: `also_view`, `also_buy`). CSV, JSON lines, JSON,
 * Parquet, Excel, also compressed. Edges to items that `ids` lacks, to themselves, of no known relation and repeated ones are left out and counted.
 * @param ids of the items; edges name their rows
 * @throws UserError for a table that holds no edges, with the columns that it has
 */
export async function readEdges(file: string, ids: readonly string[]): Promise<ReadEdges> {
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const notes: string[] = [];
  const note: NoteLine = (kind, line, message) => {
    if (notes.length < NOTES) notes.push(`${line === undefined ? '' : `line ${line}: `}${kind}, ${message}`);
  };
  const { columns, rows } = await openTable(file);
  const read = readerOf(columns);
  if (!read)
    throw new UserError(
      `${file}: has the columns ${columns.join(', ') || 'none'}, expected from, to and relation, or an id and lists such as also_viewed and also_bought. Rename them.`,
    );
  const pairs: Record<Relation, [number, number][]> = { substitute: [], complement: [] };
  const taken: Record<Relation, Set<number>> = { substitute: new Set(), complement: new Set() };
  const leftOut: Record<string, number> = {};
  const leave = (reason: string) => {
    leftOut[reason] = (leftOut[reason] ?? 0) + 1;
  };
  let found = 0;
  for await (const row of rows(note))
    for (const { from, to, relation } of read(row, note)) {
      found++;
      const [first, second] = [rowOf.get(from), rowOf.get(to)];
      if (relation === undefined) leave('of no known relation');
      else if (first === undefined || second === undefined) leave('names an item that the catalogue lacks');
      else if (first === second) leave('from an item to itself');
      else {
        const key = first * ids.length + second;
        if (taken[relation].has(key)) leave('repeated');
        else {
          taken[relation].add(key);
          pairs[relation].push([first, second]);
        }
      }
    }
  const edges = { substitute: edgeList(pairs.substitute), complement: edgeList(pairs.complement) };
  return { edges, found, leftOut, notes };
}

interface NamedEdge {
  from: string;
  to: string;
  relation?: Relation;
}

type EdgesOfRow = (row: Row, note: NoteLine) => NamedEdge[];

function readerOf(columns: readonly string[]): EdgesOfRow | undefined {
  const named = (names: readonly string[]) =>
    names.flatMap((name) => columns.find((column) => column.trim().toLowerCase() === name) ?? [])[0];
  const lists = listFields.flatMap((name) => named([name]) ?? []);
  const related = named(['related']);
  const id = named(idFields);
  if (id !== undefined && (lists.length || (related !== undefined && !named(['relation', 'type', 'kind']))))
    return (row, note) => productLists(row, id, lists, related, note);
  const [from, to, relation] = [listColumns.from, listColumns.to, listColumns.relation].map(named);
  if (from === undefined || to === undefined || relation === undefined || from === to) return undefined;
  return (row, note) => {
    const [first, second, word] = [from, to, relation].map((column) => labelCell(row, column, note));
    if (first === undefined || second === undefined) return [];
    const known = relationWords[word?.trim().toLowerCase() ?? ''];
    if (!known) note('unknown-relation', row.line, `${word ?? 'nothing'}, expected ${relations.join(' | ')}`);
    return [{ from: first, to: second, ...(known && { relation: known }) }];
  };
}

function productLists(
  row: Row,
  id: string,
  lists: readonly string[],
  related: string | undefined,
  note: NoteLine,
): NamedEdge[] {
  const from = labelCell(row, id, note);
  if (from === undefined) return [];
  const inside = related === undefined ? undefined : row.values[related];
  const nested = isObject(inside) ? inside : {};
  const of = (values: Row['values'], field: string) =>
    listCell({ line: row.line, values }, field, note).map((to) => ({
      from,
      to,
      relation: relationWords[field.trim().toLowerCase()],
    }));
  return [
    ...lists.flatMap((field) => of(row.values, field)),
    ...listFields.filter((field) => field in nested).flatMap((field) => of(nested, field)),
  ];
}
