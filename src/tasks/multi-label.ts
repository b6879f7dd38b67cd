import { wrongOption } from '../checks/error.js';

/** What is found for one query of several labels, nearest first, and what there was to find. */
export interface MultiLabelQuery {
  /** The label of each item found, in order. */
  found: readonly string[];
  /** The labels of the query; repeated ones count once for recall and as copies for what is expected. */
  labels: readonly string[];
  /** Number of gallery items of a label. */
  gallery(label: string): number;
}

export interface MultiLabelScores {
  /** Average precision as Product1M's code computes it: precision at each hit, over the hits among the first k. It favours few hits; 0 without one. */
  AP: number;
  /** The usual one: precision at each hit, over min(k, relevant items in the gallery). */
  APk: number;
  /** Fraction of the first k that have one of the labels. */
  precision: number;
  /**
   * Mean over the distinct labels l of min(hits of l, e_l) / e_l, where a label is expected e_l = min(copies of l * floor(k / labels), its gallery
   * items) times. Labels that the gallery lacks are left out.
   */
  recall: number;
}

/**
 * The scores of Product1M (arXiv 2107.14572, repository) for one query with several labels, at k items, and average precision as usual beside theirs.
 * @throws UserError for k below the number of labels, or a query without labels
 */
export function multiLabelScores({ found, labels, gallery }: MultiLabelQuery, k: number): MultiLabelScores {
  if (!labels.length) throw wrongOption('labels', labels, 'at least one');
  if (!(Number.isInteger(k) && k >= labels.length))
    throw wrongOption('k', k, `an integer of at least ${labels.length}, the number of labels`);
  const distinct = new Set(labels);
  const first = found.slice(0, k);
  const hits = new Map<string, number>();
  let [count, precisions] = [0, 0];
  for (const [at, label] of first.entries()) {
    if (!distinct.has(label)) continue;
    count++;
    precisions += count / (at + 1);
    hits.set(label, (hits.get(label) ?? 0) + 1);
  }
  const relevant = [...distinct].reduce((sum, label) => sum + gallery(label), 0);
  const each = Math.floor(k / labels.length);
  const recalls = [...distinct].flatMap((label) => {
    const copies = labels.filter((own) => own === label).length;
    const expected = Math.min(copies * each, gallery(label));
    return expected ? Math.min(hits.get(label) ?? 0, expected) / expected : [];
  });
  return {
    AP: count ? precisions / count : 0,
    APk: relevant ? precisions / Math.min(k, relevant) : 0,
    precision: count / k,
    recall: recalls.length ? recalls.reduce((sum, one) => sum + one, 0) / recalls.length : 0,
  };
}
