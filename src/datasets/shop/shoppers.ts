import { wrongOption } from '../../checks/error.js';
import type { Product } from '../../data/types.js';
import { randomStream } from '../../engine/random.js';
import { type ShopAttribute, shopAttributes } from './facts.js';
import type { Shop } from './shop-type.js';

/** Somebody who buys what they like. */
export interface Shopper {
  id: string;
  /** The value of each attribute that the shopper likes. */
  likes: Partial<Record<ShopAttribute, string>>;
  /** Ids of different products, in the order of purchase. */
  bought: string[];
}

export interface ShopperOptions {
  count: number;
  /** Products that each buys. */
  purchases: number;
  /** Attributes of which each likes one value. Default colour, pattern, material. */
  tastes?: readonly ShopAttribute[];
  /** A product with one more liked value is bought exp(strength) times as often. Default 2. */
  strength?: number;
  seed?: number;
}

/**
 * Shoppers with tastes, and what they buy of some products: a log with buyers, for recommenders.
 * @throws UserError for more purchases than products, or another option out of range
 */
export function shopShoppers(
  shop: Shop,
  products: readonly Product[],
  { count, purchases, tastes = ['colour', 'pattern', 'material'], strength = 2, seed = 0 }: ShopperOptions,
): Shopper[] {
  if (!(Number.isInteger(purchases) && purchases >= 1 && purchases <= products.length))
    throw wrongOption('purchases', purchases, `an integer from 1 to ${products.length}, the number of products`);
  const unknown = tastes.find((name) => !shopAttributes.includes(name));
  if (unknown) throw wrongOption('tastes', unknown, shopAttributes.join(', '));
  const facts = products.map(({ id }) => shop.facts.get(id)!);
  return Array.from({ length: count }, (_, at): Shopper => {
    const id = `shopper-${seed}-${at}`;
    const stream = randomStream(shop.settings.seed, `shop ${id}`);
    // Liked values are those of some product, so that every shopper finds something.
    const likes = Object.fromEntries(tastes.map((name) => [name, stream.pick(facts)[name]]));
    const matches = facts.map((own) => tastes.filter((name) => own[name] === likes[name]).length);
    // The largest Gumbel-perturbed weights are a sample without replacement.
    const keys = matches.map((matched) => strength * matched - Math.log(-Math.log(1 - stream.uniform() + 1e-300)));
    const order = [...keys.keys()].sort((a, b) => keys[b] - keys[a]);
    return { id, likes, bought: order.slice(0, purchases).map((row) => products[row].id) };
  });
}
