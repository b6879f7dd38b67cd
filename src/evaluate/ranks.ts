import { UserError } from '../engine/check.js';
import * as tf from '../engine/tf.js';

/** Unit vectors with a name each: `vectors` is [ids.length, width], row by row. */
export interface Embeddings {
  ids: string[];
  vectors: Float32Array;
  width: number;
}

/** Where one query found its gold item: how many items came before it, and how many others tied with it. */
export interface Rank {
  query: string;
  gold: string;
  before: number;
  tied: number;
  /** Ids of the ten nearest items, nearest first, and their similarities. */
  top: { id: string; similarity: number }[];
}

/** Queries a block: bounds the similarity matrix to about 100 MB at 100,000 items. */
const BLOCK = 256;

/**
 * Rank every query's gold item among all items by cosine similarity, exactly.
 * @throws UserError naming the id whose embedding is not finite, or a gold id that the gallery lacks.
 */
export function rankItems(queries: Embeddings, gold: readonly string[], items: Embeddings): Rank[] {
  checkFinite(queries);
  checkFinite(items);
  const rowOf = new Map(items.ids.map((id, row) => [id, row]));
  const ranks: Rank[] = [];
  const gallery = tf.tensor2d(items.vectors, [items.ids.length, items.width]);
  const shown = Math.min(10, items.ids.length);
  for (let start = 0; start < queries.ids.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, queries.ids.length);
    const block = queries.vectors.slice(start * queries.width, end * queries.width);
    const [all, nearest] = tf.tidy(() => {
      const scores = tf.matMul(tf.tensor2d(block, [end - start, queries.width]), gallery, false, true);
      return [scores, tf.topk(scores, shown).indices];
    });
    // Read outside of tidy, which would look for tensors in every element of what it returns.
    const [similarity, top] = [all.dataSync(), nearest.dataSync()];
    tf.dispose([all, nearest]);
    for (let query = start; query < end; query++) {
      const row = rowOf.get(gold[query]);
      if (row === undefined)
        throw new UserError(`${queries.ids[query]}: its product ${gold[query]} is not in the gallery.`);
      const scores = similarity.subarray((query - start) * items.ids.length, (query - start + 1) * items.ids.length);
      let before = 0;
      let tied = -1;
      for (const score of scores) {
        if (score > scores[row]) before++;
        else if (score === scores[row]) tied++;
      }
      const places = Array.from(top.subarray((query - start) * shown, (query - start + 1) * shown));
      ranks.push({
        query: queries.ids[query],
        gold: gold[query],
        before,
        tied,
        top: places.map((at) => ({ id: items.ids[at], similarity: scores[at] })),
      });
    }
  }
  gallery.dispose();
  return ranks;
}

/** Chance that the gold item is among the first k when ties are broken at random. */
export function recallAt({ before, tied }: Rank, k: number): number {
  return Math.min(1, Math.max(0, (k - before) / (tied + 1)));
}

/** Expected 1 / rank when ties are broken at random. */
export function reciprocalRank({ before, tied }: Rank): number {
  let sum = 0;
  for (let place = 0; place <= tied; place++) sum += 1 / (before + place + 1);
  return sum / (tied + 1);
}

/** What embeddings without information would score among `items` items: recall@k and mean reciprocal rank. */
export function chanceOf(items: number): Record<string, number> {
  const equal: Rank = { query: '', gold: '', before: 0, tied: items - 1, top: [] };
  return Object.fromEntries(Object.entries(retrievalMetrics).map(([name, metric]) => [name, metric(equal)]));
}

/** The metrics of a retrieval table, each per query; their means are reported. */
export const retrievalMetrics: Record<string, (rank: Rank) => number> = {
  'R@1': (rank) => recallAt(rank, 1),
  'R@5': (rank) => recallAt(rank, 5),
  'R@10': (rank) => recallAt(rank, 10),
  MRR: reciprocalRank,
};

function checkFinite({ ids, vectors, width }: Embeddings): void {
  const at = vectors.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw new UserError(
      `${ids[Math.floor(at / width)]}: its embedding is not finite. Train with a lower rate or look at this input.`,
    );
}
