import type { Catalogue, Query } from '../../data/types.js';
import type { Embeddings } from '../../search/embeddings.js';
import { pickVectors } from '../../search/pick-vectors.js';
import type { Ask, Input } from '../../tasks/task.js';
import { rankTask } from '../answers.js';
import { type Coverage, type System, whyNot } from './system.js';

export interface GivenEmbeddings {
  /** Of products, by their ids. */
  products: Embeddings;
  /** Of queries, by their ids. Default: they stand among the products. */
  queries?: Embeddings;
  /** Names of tasks whose items show a part of a product, of which the caller says that the vectors show the same. */
  declared?: readonly string[];
}

/**
 * Vectors of any model as a system. The products and queries of the catalogue are found by their ids; if an id repeats, its first vector counts. A
 * query that a task changes, as by a phrase beside a photo, is not known.
 */
export function embeddingSystem(name: string, given: GivenEmbeddings, catalogue: Pick<Catalogue, 'pairs'>): System {
  const { products, queries = products, declared = [] } = given;
  const asked = new Map(catalogue.pairs.map(({ query }) => [query.id, contentOf(query)]));
  const isOwn = ({ id, input }: Ask) =>
    input.kind === 'query' ? asked.get(id) === contentOf(input.query) : isWhole(input);
  const [askRows, itemRows] = [firstRows(queries), firstRows(products)];
  const known = (own: readonly { id: string }[], rows: ReadonlyMap<string, number>) =>
    new Set(own.flatMap(({ id }) => (rows.has(id) ? id : [])));
  return {
    name,
    seeds: [],
    covers(task): Coverage {
      const none = whyNot(task);
      if (none) return none;
      if (products.width !== queries.width)
        return { none: `its queries have the width ${queries.width} and its products ${products.width}` };
      if (new Set(task.items.map(({ id }) => id)).size < task.items.length)
        return { none: 'several items stand for one product' };
      if (!declared.includes(task.name) && task.items.some(({ input }) => !isWhole(input)))
        return {
          none: `its items show a part of a product (${task.gallery}); name it with --tasks if the vectors show the same`,
        };
      const asks = declared.includes(task.name) ? task.asks : task.asks.filter(isOwn);
      return { asks: known(asks, askRows), items: known(task.items, itemRows) };
    },
    async answer(tasks) {
      return tasks.map(({ asks, items, ...task }) => {
        const embeddings = { queries: pick(queries, askRows, asks), items: pick(products, itemRows, items) };
        return { bySeed: [rankTask({ ...task, asks, items }, embeddings)], embeddings };
      });
    },
  };
}

const contentOf = ({ text, image }: Query) => JSON.stringify([text ?? '', image?.id ?? null]);

const isWhole = (input: Input) => input.kind === 'product' && !input.withhold?.length;

function pick(
  { vectors, width }: Embeddings,
  rows: ReadonlyMap<string, number>,
  own: readonly { id: string }[],
): Embeddings {
  const chosen = own.map(({ id }) => rows.get(id)!);
  return { ids: own.map(({ id }) => id), vectors: pickVectors(vectors, width, chosen), width };
}

function firstRows({ ids }: Embeddings): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  ids.forEach((id, row) => {
    if (!rows.has(id)) rows.set(id, row);
  });
  return rows;
}
