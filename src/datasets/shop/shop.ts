import { summarisedCatalogue } from '../../data/catalogue-summary.js';
import type { Pair, Product, ProductImage, Query } from '../../data/types.js';
import { randomStream } from '../../engine/random.js';
import { visibleDuplicates } from './attainable.js';
import { boxOf } from './drawing/draw.js';
import { drawScene } from './drawing/scene.js';
import { cameraOf, placementOf, viewOf } from './drawing/view.js';
import { categoryPath, type FactName, type Facts, sampleFacts, shopAttributes } from './facts.js';
import { type Purchase, sampleLog } from './log.js';
import { type ShopOptions, type ShopSettings, shopSettings } from './settings.js';
import type { Shop } from './shop-type.js';
import { holdOutCombinations, splitProducts } from './split.js';
import { sampleNamed, writeQuery, writeTitle } from './words.js';
import { withWrongPurchases } from './wrong-purchases.js';

/**
 * Generate a shop of drawn products with a purchase log of text, image and product queries. The adapter is 'shop'; there is no folder.
 *
 * - Products have a three-level category and six attributes (shape, colour, accent, pattern, material, size), all of them visible.
 * - Images are drawn on request and reproducibly. Gallery and query images share no background, camera or clutter.
 * - `train`, `dev` and `val` contain different products. `test` contains all products with a held-out combination of colour and pattern.
 *
 * @throws UserError for a wrong option
 * @example
 * ```ts
 * const shop = moon.generateShop({ products: 200, seed: 1 });
 * console.log(shop.products[0].title, shop.pairs.length);
 * ```
 */
export function generateShop(options: ShopOptions = {}): Shop {
  const settings = shopSettings(options);
  const { seed } = settings;
  const all = sampleFacts(settings.products, settings.nearIdentical, randomStream(seed, 'shop products'));
  const unseen = holdOutCombinations(settings.split.test, randomStream(seed, 'shop combinations'));
  const splits = splitProducts(all, unseen, settings.split, randomStream(seed, 'shop split'));
  const log = sampleLog(splits, settings, randomStream(seed, 'shop log'));
  const products = all.map((facts, index) => makeProduct(facts, productId(index), settings));
  const told = new Map<string, readonly FactName[]>();
  const right = log.map((purchase) => makePair(purchase, all[purchase.product], settings, told));
  const pairs = withWrongPurchases(
    right,
    products,
    settings.wrongPurchases,
    randomStream(seed, 'shop wrong purchases'),
  );
  const shop: Shop = {
    adapter: 'shop',
    root: '',
    products,
    pairs,
    issues: [],
    settings,
    facts: new Map(all.map((facts, index) => [productId(index), facts])),
    splits: new Map(splits.map((split, index) => [productId(index), split])),
    told,
    unseen,
  };
  return summarisedCatalogue({ ...shop, duplicates: visibleDuplicates(shop) });
}

/**
 * The same shop without one fact: it is removed from category and attributes, and replaced by a mask token in titles and query texts.
 * Images, ids, purchases and all other words stay the same.
 */
export function withholdFromShop(shop: Shop, fact: FactName): Shop {
  return generateShop({ ...shop.settings, withhold: [...shop.settings.withhold, fact] });
}

/** Further views of a product: other backgrounds, cameras and clutter. */
export function redrawProduct({ facts, settings }: Shop, id: string, count: number): ProductImage[] {
  return Array.from({ length: count }, (_, view) => makeImage(facts.get(id)!, `redraw/${id}/${view}`, settings));
}

function productId(index: number): string {
  return `shop-${String(index).padStart(6, '0')}`;
}

function makeProduct(facts: Facts, id: string, settings: ShopSettings): Product {
  const kept = shopAttributes.filter((name) => !settings.withhold.includes(name));
  return {
    id,
    title: writeTitle(facts, settings, randomStream(settings.seed, `shop title ${id}`)),
    category: settings.withhold.includes('category') ? [] : categoryPath(facts.category),
    attributes: Object.fromEntries(kept.map((name) => [name, [facts[name]]])),
    images: Array.from({ length: settings.views }, (_, view) => makeImage(facts, `gallery/${id}/${view}`, settings)),
  };
}

function makePair(
  purchase: Purchase,
  facts: Facts,
  settings: ShopSettings,
  told: Map<string, readonly FactName[]>,
): Pair {
  const { id, form, split, product } = purchase;
  const query: Query = { id };
  if (form !== 'text') query.image = makeImage(facts, `query/${id}`, settings);
  if (form !== 'image') {
    const stream = randomStream(settings.seed, `shop query ${id}`);
    const attributes = sampleNamed(settings.attributeHeavy, stream);
    // The photo of a product query shows its category, so the text does not name it.
    const named: FactName[] = form === 'text' ? ['category', ...attributes] : attributes;
    query.text = writeQuery(facts, named, settings, stream);
    told.set(
      id,
      named.filter((name) => !settings.withhold.includes(name)),
    );
  }
  return { query, product: productId(product), split };
}

function makeImage(facts: Facts, id: string, settings: ShopSettings): ProductImage {
  const { wrongPurchases: _, ...drawn } = settings;
  const { seed, imageSize, clutter } = settings;
  const placement = placementOf(facts, cameraOf(seed, id), imageSize);
  return {
    id,
    box: boxOf(facts, placement, imageSize, imageSize),
    source: {
      kind: 'drawn',
      draw: () => drawScene(facts, viewOf(seed, id, clutter), settings),
      key: `${JSON.stringify(drawn)}/${id}`,
    },
  };
}
