import type { Catalogue } from '../../data/types.js';
import type { Figure } from '../../figures/figure.js';
import { mapComparison } from '../../figures/maps/map-comparison.js';
import { alignMaps } from '../../maps/align-maps.js';
import { keptNeighbours } from '../../maps/neighbour-change.js';
import { layoutMap } from '../../maps/umap.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { cardsOf } from '../cases.js';
import type { ComparedSystem } from './compare.js';

/** Neighbours compared around each point, and items that a map needs at least. */
const NEIGHBOURS = 10;
const FEWEST = 20;

/**
 * The items of a task on the maps of two systems, the second aligned to the first. Undefined where one ranks without vectors, the items are no
 * products, or there are fewer than twenty.
 */
export async function comparedMaps(
  base: ComparedSystem,
  other: ComparedSystem,
  catalogue: Catalogue,
  pixels: Pixels,
): Promise<Figure | undefined> {
  const [one, two] = [base, other].map(({ embeddings }) => embeddings?.items);
  const cards = cardsOf(catalogue, pixels);
  if (!one || !two || one.ids.length < FEWEST || !one.ids.every((id) => cards.productOf.has(id))) return undefined;
  const count = one.ids.length;
  const [first, second] = [
    await layoutMap(one.vectors, count, one.width),
    await layoutMap(two.vectors, count, two.width),
  ];
  const { coordinates, moved, disparity } = alignMaps(first.coordinates, second.coordinates);
  const kept = await keptNeighbours(one.vectors, two.vectors, count, NEIGHBOURS);
  const at = (map: Float32Array, row: number): [number, number] => [map[2 * row], map[2 * row + 1]];
  const points = await Promise.all(
    one.ids.map(async (id, row) => {
      const product = cards.productOf.get(id)!;
      return {
        label: product.title || id,
        group: product.category[0] ?? 'no category',
        before: at(first.coordinates, row),
        after: at(coordinates, row),
        moved: moved[row],
        kept: kept[row],
        thumbnail: await cards.thumbnailOf(cards.imageOf(product)),
      };
    }),
  );
  return mapComparison(points, {
    names: [base.name, other.name],
    disparity,
    trustworthiness: [first.trustworthiness, second.trustworthiness],
  });
}
