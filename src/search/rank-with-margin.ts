import { dot } from '../engine/dot.js';
import type { Embeddings, Rank } from './embeddings.js';
import { rankItems } from './ranks.js';
import { unitEmbeddings } from './unit-embeddings.js';

/**
 * Like `rankItems`, but also returns how far the best relevant item is before the others on average (`value`), in cosine: 0 for embeddings that
 * are all equal, or where nothing else is offered.
 * @throws UserError as `rankItems`
 */
export function rankWithMargin(queries: Embeddings, gold: readonly (readonly string[])[], items: Embeddings): Rank[] {
  const ranks = rankItems(queries, gold, items);
  const { width } = items;
  const [asking, offered] = [unitEmbeddings(queries), unitEmbeddings(items)];
  const rowsOf = (vectors: Float32Array) => (row: number) => vectors.subarray(row * width, (row + 1) * width);
  const [query, item] = [rowsOf(asking.vectors), rowsOf(offered.vectors)];
  const sum = new Float64Array(width);
  for (const [at, value] of offered.vectors.entries()) sum[at % width] += value;
  const total = Float32Array.from(sum);
  return ranks.map((rank, at) => {
    const own = new Set(gold[at]);
    const relevant = items.ids.flatMap((id, row) => (own.has(id) ? [dot(query(at), item(row))] : []));
    const others = items.ids.length - relevant.length;
    const rest = dot(query(at), total) - relevant.reduce((all, cosine) => all + cosine, 0);
    return { ...rank, value: others ? Math.max(...relevant) - rest / others : 0 };
  });
}

/** Like `rankItems`, but also returns 1 minus the cosine of the best relevant item (`value`). @throws UserError as `rankItems` */
export const rankWithDistance = (
  queries: Embeddings,
  gold: readonly (readonly string[])[],
  items: Embeddings,
): Rank[] => rankItems(queries, gold, items).map((rank) => ({ ...rank, value: 1 - rank.similarity }));
