import { randomStream } from '../engine/random.js';
import type { Embeddings } from '../search/embeddings.js';
import type { EdgeList } from './edge.js';
import type { ScoreItems } from './rank-links.js';
import type { RelatedVectors } from './related-vectors.js';

/** Dot products of a first vector with all second ones. */
export function scoresOfVectors({ first, second }: RelatedVectors): ScoreItems {
  const { width } = first;
  const count = second.ids.length;
  return (from) => {
    const own = first.vectors.subarray(from * width, (from + 1) * width);
    const scores = new Float32Array(count);
    for (let item = 0; item < count; item++) {
      const start = item * width;
      let sum = 0;
      for (let at = 0; at < width; at++) sum += own[at] * second.vectors[start + at];
      scores[item] = sum;
    }
    return scores;
  };
}

/** Cosines of the contents, without any training. */
export const scoresOfContent = (content: Embeddings): ScoreItems =>
  scoresOfVectors({ first: content, second: content });

/** How often an item is the second one of an edge, whatever the first. */
export function scoresOfPopularity(count: number, { to }: EdgeList): ScoreItems {
  const degree = new Float32Array(count);
  for (const item of to) degree[item]++;
  return () => degree;
}

/** How many edges go from the group of the first item to that of the second: what groups alone answer. @param groups of every item */
export function scoresOfGroups(groups: readonly string[], { from, to }: EdgeList): ScoreItems {
  const counts = new Map<string, Map<string, number>>();
  for (let edge = 0; edge < from.length; edge++) {
    const own = counts.get(groups[from[edge]]) ?? new Map<string, number>();
    counts.set(groups[from[edge]], own);
    const other = groups[to[edge]];
    own.set(other, (own.get(other) ?? 0) + 1);
  }
  return (item) => {
    const own = counts.get(groups[item]);
    return Float32Array.from(groups, (group) => own?.get(group) ?? 0);
  };
}

/** Random scores, the same for a first item every time. */
export const randomScores =
  (count: number, seed: number): ScoreItems =>
  (from) => {
    const stream = randomStream(seed, `scores ${from}`);
    return Float32Array.from({ length: count }, () => stream.uniform());
  };
