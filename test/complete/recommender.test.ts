import { describe, expect, test } from 'vitest';
import { preferStep, type RecommenderWeights, scoreOf, trainRecommender } from '../../src/complete/recommender.js';
import { type Facts, shopAttributes } from '../../src/datasets/shop/facts.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { shopShoppers } from '../../src/datasets/shop/shoppers.js';
import { randomStream } from '../../src/engine/random.js';

const stream = randomStream(1, 'recommender test');
const [shoppers, items, factors, width] = [3, 4, 2, 5];
const numbers = (length: number) => Float64Array.from({ length }, () => stream.normal());
const features = Float32Array.from(numbers(items * width));
const some = (): RecommenderWeights => ({
  bias: numbers(items),
  shopper: numbers(shoppers * factors),
  item: numbers(items * factors),
  taste: numbers(shoppers * factors),
  look: numbers(factors * width),
  liked: numbers(width),
});
const copy = (weights: RecommenderWeights) =>
  Object.fromEntries(Object.entries(weights).map(([name, values]) => [name, values.slice()])) as typeof weights;

test('a step climbs log sigmoid of the lead, as finite differences do', () => {
  const weights = some();
  const [shopper, item, other] = [1, 2, 0];
  const utility = (own: RecommenderWeights) =>
    -Math.log1p(Math.exp(scoreOf(own, features, shopper, other) - scoreOf(own, features, shopper, item)));
  const after = copy(weights);
  const rate = 1e-6;
  preferStep(after, features, [shopper, item, other], { rate, decay: 0 });
  for (const name of Object.keys(weights) as (keyof RecommenderWeights)[])
    for (const at of weights[name].keys()) {
      const [up, down] = [copy(weights), copy(weights)];
      up[name][at] += 1e-5;
      down[name][at] -= 1e-5;
      expect((after[name][at] - weights[name][at]) / rate).toBeCloseTo((utility(up) - utility(down)) / 2e-5, 3);
    }
});

describe('shoppers', () => {
  const shop = generateShop({ products: 300, imageSize: 16, trainQueries: 10, evaluationQueries: 5 });
  const bought = shopShoppers(shop, shop.products, { count: 200, purchases: 6 });
  const matches = (facts: Facts, likes: Partial<Facts>) =>
    shopAttributes.filter((name) => likes[name] === facts[name]).length;

  test('buy different products, more of what they like, and the same in every call', () => {
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    for (const { bought: own } of bought) expect(new Set(own).size).toBe(6);
    const liked = mean(
      bought.flatMap(({ bought: own, likes }) => own.map((id) => matches(shop.facts.get(id)!, likes))),
    );
    const any = mean(bought.flatMap(({ likes }) => shop.products.map(({ id }) => matches(shop.facts.get(id)!, likes))));
    expect(liked).toBeGreaterThan(2 * any);
    expect(shopShoppers(shop, shop.products, { count: 200, purchases: 6 })).toEqual(bought);
    expect(() => shopShoppers(shop, shop.products.slice(0, 3), { count: 1, purchases: 6 })).toThrow('purchases: got 6');
  });

  test('are recommended products that nobody has bought, by what these look like', () => {
    // Features say the colour; the last hundred products are never bought.
    const colours = [...new Set([...shop.facts.values()].map(({ colour }) => colour))];
    const own = shop.products.flatMap(({ id }) =>
      colours.map((colour) => Number(shop.facts.get(id)!.colour === colour)),
    );
    const known = shop.products.slice(0, 200);
    const buyers = shopShoppers(shop, known, { count: 60, purchases: 8, tastes: ['colour'], strength: 4 });
    const rowOf = new Map(shop.products.map(({ id }, row) => [id, row]));
    const pairs = buyers.flatMap((buyer, at) => buyer.bought.map((id) => [at, rowOf.get(id)!] as const));
    const scoresOf = trainRecommender(
      { shoppers: buyers.length, items: 300, pairs },
      Float32Array.from(own),
      {},
      randomStream(1, 'recommend'),
    );
    const shares = buyers.map(({ likes }, at) => {
      const scores = scoresOf(at);
      const cold = [...scores.keys()].filter((row) => row >= 200).sort((a, b) => scores[b] - scores[a]);
      const isLiked = (row: number) => Number(shop.facts.get(shop.products[row].id)!.colour === likes.colour);
      return cold.slice(0, 5).reduce((sum, row) => sum + isLiked(row), 0) / 5;
    });
    // A product has the liked colour once in twelve times.
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeGreaterThan(0.5);
  });
});
