import type { Embeddings, Rank } from './embeddings.js';
import { pickVectors } from './pick-vectors.js';
import { rankItems } from './ranks.js';

/**
 * Like `rankItems`, but also returns the position of every relevant item (`places`), for metrics that use all of them. Ranks each query
 * once more per relevant item.
 * @throws UserError as `rankItems`
 */
export function rankEveryItem(queries: Embeddings, gold: readonly (readonly string[])[], items: Embeddings): Rank[] {
  const ranks = rankItems(queries, gold, items);
  const asked = gold.flatMap((ids, query) => [...new Set(ids)].map((id) => ({ query, id })));
  const { width } = queries;
  const rows = asked.map(({ query }) => query);
  const vectors = pickVectors(queries.vectors, width, rows);
  const one = rankItems(
    { ids: asked.map(({ query }) => queries.ids[query]), vectors, width },
    asked.map(({ id }) => id),
    items,
  );
  const places = ranks.map((): { before: number; tied: number }[] => []);
  asked.forEach(({ query }, at) => void places[query].push({ before: one[at].before, tied: one[at].tied }));
  return ranks.map((rank, query) => ({ ...rank, places: places[query] }));
}
