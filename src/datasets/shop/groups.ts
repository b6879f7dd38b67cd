import { wrongOption } from '../../checks/error.js';
import type { ProductImage, Split } from '../../data/types.js';
import { randomStream } from '../../engine/random.js';
import { drawGroup, type ProductPlace, placeGroup, placesOf } from './drawing/group.js';
import { viewOf } from './drawing/view.js';
import type { Shop } from './shop-type.js';

/** A picture of several products of a shop, with a caption that names them in any order and says nothing of their places. */
export interface GroupPicture {
  id: string;
  image: ProductImage;
  caption: string;
  /** From back to front. */
  members: (ProductPlace & { product: string })[];
}

export interface GroupOptions {
  count: number;
  /** Whose products are shown. */
  split: Split;
  /** Smallest and largest number of products. Default 2 and 4. */
  products?: readonly [min: number, max: number];
  /** Products of which less than this is visible are not shown: the group is drawn again. Default 0.3. */
  minVisible?: number;
  seed?: number;
}

const MOST_TRIES = 50;

/**
 * Pictures of two to four products that hide parts of each other (the setting of Product1M, arXiv 2107.14572). Each has its box, and a caption has the
 * titles of all.
 * @throws UserError for an option out of range, or a split with too few products
 */
export function shopGroups(
  shop: Shop,
  { count, split, products: [min, max] = [2, 4], minVisible = 0.3, seed = 0 }: GroupOptions,
): GroupPicture[] {
  if (!(Number.isInteger(min) && Number.isInteger(max) && min >= 2 && max >= min && max <= 6))
    throw wrongOption('products', [min, max], 'two integers from 2 to 6, the smaller first');
  if (!(minVisible >= 0 && minVisible <= 0.9)) throw wrongOption('minVisible', minVisible, 'a fraction from 0 to 0.9');
  const { imageSize, clutter, ...settings } = shop.settings;
  const own = shop.products.filter(({ id }) => shop.splits.get(id) === split);
  if (own.length < max) throw wrongOption('split', split, `one with at least ${max} products; it has ${own.length}`);
  return Array.from({ length: count }, (_, at): GroupPicture => {
    const id = `group/${split}/${seed}/${at}`;
    const stream = randomStream(settings.seed, `shop group ${id}`);
    for (let tries = 0; ; tries++) {
      const shown = stream.shuffle(own).slice(0, min + stream.integer(max - min + 1));
      const facts = shown.map((product) => shop.facts.get(product.id)!);
      const placed = placeGroup(facts, `${id} ${tries}`, imageSize, stream);
      const places = placesOf(placed, imageSize);
      if (tries < MOST_TRIES && places.some(({ visible }) => visible < minVisible)) continue;
      const view = viewOf(settings.seed, id, clutter);
      const idOf = new Map(facts.map((each, row) => [each, shown[row].id]));
      return {
        id,
        image: {
          id,
          source: {
            kind: 'drawn',
            draw: () => drawGroup(placed, view, shop.settings),
            key: `${JSON.stringify(shop.settings)}/${id}/${tries}`,
          },
        },
        caption: stream
          .shuffle(shown)
          .map(({ title }) => title)
          .join(', '),
        members: placed.map(({ facts: each }, row) => ({ product: idOf.get(each)!, ...places[row] })),
      };
    }
  });
}
