import { UserError } from '../../checks/error.js';
import { nearestName } from '../../checks/nearest-name.js';
import { startEngine } from '../../engine/engine.js';
import { type EmbeddingRows, emptyRows } from '../files/embedding-table.js';
import { joinRows } from '../files/join-rows.js';
import { pickRows } from '../files/pick-rows.js';
import { checkEmbeddings } from '../unit-embeddings.js';
import { checkSearch, checkWidth, holds, idsOnce } from './check-search.js';
import { type Blocks, exactCandidates, uploadBlocks } from './exact.js';
import { rankCandidates } from './rank-candidates.js';
import { type ApproximateIndex, approximateIndex } from './usearch.js';
import {
  EXACT_UP_TO,
  type FoundItem,
  type QueryVectors,
  type StoreSearchOptions,
  type VectorStore,
} from './vector-store.js';

/** Products of numbers that plain code does sooner than an engine starts and takes the vectors in. */
const SMALL = 1 << 27;
/** Ids among which the nearest name to a wrong one is looked for. */
const SEARCHED_IDS = 20_000;

export interface MemoryStoreOptions {
  /** For messages. Default `the index`. */
  name?: string;
  notes?: readonly string[];
  /** Folder that keeps the index of neighbours of an approximate search, made when it is first needed. Without it the index lives in memory. */
  indexFolder?: string;
}

/**
 * Search rows in memory: exactly on the engine, or by an index of neighbours (usearch). Ids may repeat, as those of products with several
 * pictures do; the best row of an id counts.
 */
export function openMemoryStore(given?: EmbeddingRows, options: MemoryStoreOptions = {}): VectorStore {
  const { name = 'the index', notes = [], indexFolder } = options;
  let rows = given ?? emptyRows;
  if (given) checkEmbeddings(given);
  let places: Map<string, number> | undefined;
  let most = 0;
  let blocks: Blocks | undefined;
  /** Products of numbers that all searches so far would take. */
  let plain = 0;
  let index: ApproximateIndex | undefined;
  const look = () => {
    if (!places) {
      const counts = new Map<string, number>();
      for (const id of rows.ids) counts.set(id, (counts.get(id) ?? 0) + 1);
      most = Math.max(1, ...new Set(counts.values()));
      places = new Map(rows.ids.map((id, row) => [id, row]));
    }
    return places;
  };
  const forget = () => {
    blocks?.dispose();
    places = blocks = index = undefined;
  };
  const foundOf = ({ row, similarity }: { row: number; similarity: number }): FoundItem => ({
    id: rows.ids[row],
    similarity,
    fields: Object.fromEntries(Object.entries(rows.fields).map(([field, values]) => [field, values[row]])),
  });

  /** Rows that may be among the `wanted` nearest of each query, all of those for sure. @param kept rows that are searched, if not all */
  const exactly = async (queries: QueryVectors, wanted: number, kept?: Int32Array): Promise<Iterable<number>[]> => {
    const { ids, vectors, width } = rows;
    const count = kept?.length ?? ids.length;
    const total = queries.vectors.length / width;
    const work = total * count * width;
    if (!kept) plain += work;
    if (kept ? work <= SMALL : !blocks && plain <= SMALL)
      return Array.from({ length: total }, () => kept ?? ids.keys());
    await startEngine();
    if (!kept) {
      blocks ??= uploadBlocks(vectors, width);
      return [...exactCandidates(blocks, count, queries, wanted)];
    }
    const own = uploadBlocks(vectors, width, kept);
    const found = [...exactCandidates(own, count, queries, wanted)].map((places) => places.map((at) => kept[at]));
    own.dispose();
    return found;
  };
  const approximately = async (queries: QueryVectors, wanted: number): Promise<Iterable<Int32Array>> => {
    index ??= await approximateIndex(rows, indexFolder);
    return index.candidates(queries, wanted);
  };

  const store: VectorStore = {
    name,
    notes,
    get width() {
      return rows.ids.length ? rows.width : undefined;
    },
    fields: async () => Object.keys(rows.fields),
    async put(parts) {
      const [once, all] = [idsOnce(), [...parts]];
      for (const part of all) {
        checkEmbeddings(part);
        if (rows.ids.length) checkWidth(name, rows.width, part.width, 'what is loaded');
        once(part.ids);
      }
      const added = joinRows(all);
      const replaced = new Set(added.ids);
      const kept = rows.ids.flatMap((id, row) => (replaced.has(id) ? [] : [row]));
      rows = joinRows([...(kept.length ? [pickRows(rows, kept)] : []), added]);
      forget();
      return added.ids.length;
    },
    rows: async () => rows,
    async items(ids) {
      const at = look();
      const found = ids.map((id) => {
        const row = at.get(id);
        if (row === undefined)
          throw new UserError(
            `${name}: has no item ${JSON.stringify(id)}; the nearest name is ${nearestName(id, rows.ids.slice(0, SEARCHED_IDS))}.`,
          );
        return row;
      });
      return pickRows(rows, found);
    },
    async search(queries, k, { where = [], without = [], method }: StoreSearchOptions = {}) {
      await checkSearch(store, queries, k, where);
      look();
      const { ids, vectors, width } = rows;
      const kept = where.length ? passing(rows, where) : undefined;
      const isExact =
        kept !== undefined || (method ?? (ids.length > EXACT_UP_TO ? 'approximate' : 'exact')) === 'exact';
      const wanted = (k + without.length) * most;
      const candidates = isExact ? await exactly(queries, wanted, kept) : await approximately(queries, wanted);
      const results: FoundItem[][] = [];
      for (const own of candidates) {
        const query = queries.vectors.subarray(results.length * width, (results.length + 1) * width);
        const ranked = rankCandidates(query, own, { ids, vectors, most }, k + without.length);
        results.push(
          ranked
            .filter(({ row }) => !without.includes(ids[row]))
            .slice(0, k)
            .map(foundOf),
        );
      }
      return results;
    },
    async close() {
      forget();
    },
  };
  return store;
}

/** The rows for which all conditions hold. */
function passing({ ids, fields }: EmbeddingRows, where: NonNullable<StoreSearchOptions['where']>): Int32Array {
  return Int32Array.from(ids.keys()).filter((row) => where.every((each) => holds(each, fields[each.field][row])));
}
