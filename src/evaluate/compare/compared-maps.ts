import type { Catalogue } from '../../data/types.js';
import type { Figure } from '../../figures/figure.js';
import { mapComparison } from '../../figures/maps/map-comparison.js';
import { alignMaps } from '../../maps/align-maps.js';
import { chooseLandmarks } from '../../maps/landmarks.js';
import { keptNeighbours } from '../../maps/neighbour-change.js';
import { layoutMap } from '../../maps/umap.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { pickVectors } from '../../search/pick-vectors.js';
import { cardsOf } from '../cases.js';
import type { ComparedSystem } from './compare.js';

/** Neighbours compared around each point, and items that a map needs at least. */
const NEIGHBOURS = 10;
const FEWEST = 20;
/** Items that maps show at most, chosen at random. */
const MOST = 20_000;

/**
 * The items of a task on the maps of two systems, the second aligned to the first. Undefined where one ranks without vectors, the items are no
 * products, or there are fewer than twenty. Of more than 20,000 items, as many chosen at random.
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
  const rows = [...chooseLandmarks(one.ids.length, Math.min(MOST, one.ids.length), 0)];
  const count = rows.length;
  const [own, others] = [one, two].map(({ vectors, width }) => pickVectors(vectors, width, rows));
  const [first, second] = [await layoutMap(own, count, one.width), await layoutMap(others, count, two.width)];
  const { coordinates, moved, disparity } = alignMaps(first.coordinates, second.coordinates);
  const kept = await keptNeighbours(own, others, count, NEIGHBOURS);
  const at = (map: Float32Array, place: number): [number, number] => [map[2 * place], map[2 * place + 1]];
  const points = await Promise.all(
    rows.map(async (row, place) => {
      const product = cards.productOf.get(one.ids[row])!;
      return {
        label: product.title || product.id,
        group: product.category[0] ?? 'no category',
        before: at(first.coordinates, place),
        after: at(coordinates, place),
        moved: moved[place],
        kept: kept[place],
        thumbnail: await cards.thumbnailOf(cards.imageOf(product)),
      };
    }),
  );
  return mapComparison(points, {
    names: [base.name, other.name],
    count: one.ids.length,
    disparity,
    trustworthiness: [first.trustworthiness, second.trustworthiness],
  });
}
