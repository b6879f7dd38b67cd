import type { RandomStream } from '../engine/random.js';

export interface RecommenderOption {
  /** Factors of shoppers and items, and as many of the features. Default 8. */
  factors?: number;
  /** Passes over the purchases. Default 60. */
  epochs?: number;
  /** Step size. Default 0.05. */
  rate?: number;
  /** Weight decay of all numbers. Default 0.01. */
  decay?: number;
}

export interface Purchases {
  shoppers: number;
  items: number;
  /** Rows of the shopper and of the item. */
  pairs: readonly (readonly [shopper: number, item: number])[];
}

/** The numbers of a recommender, row by row. */
export interface RecommenderWeights {
  /** [items] how popular each is. */
  bias: Float64Array;
  /** [shoppers, factors] and [items, factors]. */
  shopper: Float64Array;
  item: Float64Array;
  /** [shoppers, factors] tastes, [factors, width] what of the features they look at, [width] features that all like. */
  taste: Float64Array;
  look: Float64Array;
  liked: Float64Array;
}

/**
 * Visual Bayesian personalised ranking (VBPR, arXiv 1510.01784): a shopper's score of an item is its bias, the product of their factors, and the
 * product of the shopper's taste with a linear map of the item's features; bought items are to have a higher score than others.
 * @param features [items, width]
 * @returns the scores of all items for a shopper
 */
export function trainRecommender(
  bought: Purchases,
  features: Float32Array,
  option: RecommenderOption,
  stream: RandomStream,
): (shopper: number) => Float64Array {
  const { epochs = 60, rate = 0.05, decay = 0.01, factors = 8 } = option;
  const { items, shoppers, pairs } = bought;
  const width = features.length / items;
  const normal = (length: number, scale: number) => Float64Array.from({ length }, () => scale * stream.normal());
  const weights: RecommenderWeights = {
    bias: new Float64Array(items),
    shopper: normal(shoppers * factors, 0.1),
    item: normal(items * factors, 0.1),
    taste: normal(shoppers * factors, 0.1),
    look: normal(factors * width, 1 / Math.sqrt(width)),
    liked: new Float64Array(width),
  };
  const own = Array.from({ length: shoppers }, () => new Set<number>());
  for (const [shopper, item] of pairs) own[shopper].add(item);
  for (let epoch = 0; epoch < epochs; epoch++)
    for (const [shopper, item] of stream.shuffle(pairs)) {
      const other = stream.integer(items);
      if (!own[shopper].has(other)) preferStep(weights, features, [shopper, item, other], { rate, decay });
    }
  return (shopper) => Float64Array.from({ length: items }, (_, item) => scoreOf(weights, features, shopper, item));
}

/** The score of an item for a shopper. */
export function scoreOf(weights: RecommenderWeights, features: Float32Array, shopper: number, item: number): number {
  const { bias, shopper: who, item: what, taste, look, liked } = weights;
  const factors = what.length / bias.length;
  const width = liked.length;
  let score = bias[item];
  for (let at = 0; at < width; at++) score += liked[at] * features[item * width + at];
  for (let factor = 0; factor < factors; factor++) {
    let seen = 0;
    for (let at = 0; at < width; at++) seen += look[factor * width + at] * features[item * width + at];
    const [mine, its] = [shopper * factors + factor, item * factors + factor];
    score += who[mine] * what[its] + taste[mine] * seen;
  }
  return score;
}

/** One ascent of log sigmoid(score of the bought item - score of the other). */
export function preferStep(
  weights: RecommenderWeights,
  features: Float32Array,
  [shopper, item, other]: readonly [shopper: number, item: number, other: number],
  { rate, decay }: { rate: number; decay: number },
): void {
  const { bias, shopper: who, item: what, taste, look, liked } = weights;
  const factors = what.length / bias.length;
  const width = liked.length;
  const ahead = scoreOf(weights, features, shopper, item) - scoreOf(weights, features, shopper, other);
  const pull = 1 / (1 + Math.exp(ahead));
  const change = (array: Float64Array, at: number, gradient: number) => {
    array[at] += rate * (pull * gradient - decay * array[at]);
  };
  change(bias, item, 1);
  change(bias, other, -1);
  const difference = new Float64Array(width);
  for (let at = 0; at < width; at++) {
    difference[at] = features[item * width + at] - features[other * width + at];
    change(liked, at, difference[at]);
  }
  for (let factor = 0; factor < factors; factor++) {
    const mine = shopper * factors + factor;
    const [its, others] = [item * factors + factor, other * factors + factor];
    const [person, gap] = [who[mine], what[its] - what[others]];
    change(who, mine, gap);
    change(what, its, person);
    change(what, others, -person);
    const own = taste[mine];
    let seen = 0;
    for (let at = 0; at < width; at++) seen += look[factor * width + at] * difference[at];
    change(taste, mine, seen);
    for (let at = 0; at < width; at++) change(look, factor * width + at, own * difference[at]);
  }
}
