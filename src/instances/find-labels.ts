import type { Embeddings } from '../search/embeddings.js';
import { type MultiLabelScores, multiLabelScores } from '../tasks/multi-label.js';

/** Items of one label each, as vectors of unit length. */
export interface LabelledGallery extends Embeddings {
  labels: readonly string[];
}

/** Scores of all items of a gallery for one query. */
export type ItemScores = Float32Array;

/** The cosine of every item with the nearest of a query's vectors: what any of its boxes finds counts. */
export function nearestBox({ vectors, width, ids }: Embeddings, query: readonly Float32Array[]): ItemScores {
  const scores = new Float32Array(ids.length).fill(-Infinity);
  for (const own of query)
    for (let item = 0; item < scores.length; item++) {
      let sum = 0;
      for (let at = 0; at < width; at++) sum += own[at] * vectors[item * width + at];
      if (sum > scores[item]) scores[item] = sum;
    }
  return scores;
}

/** The scores of multi-label retrieval for one query, and the item that comes first. @param labels of the query */
export function scoreLabels(
  scores: ItemScores,
  { ids, labels: ofItem }: Pick<LabelledGallery, 'ids' | 'labels'>,
  labels: readonly string[],
  k: number,
): { scores: MultiLabelScores; best: string } {
  const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
  const counts = new Map<string, number>();
  for (const label of ofItem) counts.set(label, (counts.get(label) ?? 0) + 1);
  const found = order.slice(0, k).map((item) => ofItem[item]);
  return {
    scores: multiLabelScores({ found, labels, gallery: (label) => counts.get(label) ?? 0 }, k),
    best: ids[order[0]],
  };
}
