import type { Rank } from '../search/embeddings.js';

/** A link to predict: the row of its first item, and of the second that is right. */
export type Link = readonly [from: number, to: number];

/** Scores of all second items for one first item. */
export type ScoreItems = (from: number) => Float32Array;

/**
 * Where the right item of each link stands among all others, by score ("filtered" ranks of link prediction, Bordes et al. 2013).
 * @param isOffered whether an item is offered for a link; the first item never is, the right one always
 */
export function rankLinks(
  links: readonly Link[],
  score: ScoreItems,
  isOffered: (link: Link, item: number) => boolean = () => true,
): Pick<Rank, 'before' | 'tied' | 'relevant' | 'best'>[] {
  return links.map((link) => {
    const [from, to] = link;
    const scores = score(from);
    const right = scores[to];
    let [before, tied] = [0, 0];
    for (let item = 0; item < scores.length; item++) {
      if (item === to || item === from || scores[item] < right || !isOffered(link, item)) continue;
      if (scores[item] > right) before++;
      else tied++;
    }
    return { before, tied, relevant: 1, best: [] };
  });
}

/** Number of items that are offered for a link, the right one among them. */
export function offeredItems(link: Link, items: number, isOffered: (link: Link, item: number) => boolean): number {
  const [from, to] = link;
  let count = 1;
  for (let item = 0; item < items; item++) if (item !== to && item !== from && isOffered(link, item)) count++;
  return count;
}
