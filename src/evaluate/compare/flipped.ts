import type { Catalogue } from '../../data/types.js';
import type { ChangedRow } from '../../figures/cards/gallery-changes.js';
import type { ProductCard } from '../../figures/cards/product-card.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { expectedRank } from '../../tasks/rank-metrics.js';
import { imageOf } from '../../tasks/task.js';
import { cardsOf } from '../cases.js';
import type { ComparedSystem, TaskComparison } from './compare.js';

/** Products shown of each answer. */
const SHOWN = 5;

/**
 * The queries whose first place changed between the first system and another one, with what each found, for `galleryChanges`.
 * @param most queries that were won, and as many that were lost
 */
export async function flippedRows(
  { task, systems: [base] }: TaskComparison,
  other: ComparedSystem,
  catalogue: Catalogue,
  pixels: Pixels,
  most = 10,
): Promise<ChangedRow[]> {
  const rowOf = new Map(task.asks.map(({ id }, row) => [id, row]));
  const cards = cardsOf(catalogue, pixels);
  const ids = [...other.won.slice(0, most), ...other.lost.slice(0, most)];
  return Promise.all(
    ids.map(async (id): Promise<ChangedRow> => {
      const row = rowOf.get(id)!;
      const { input, gold, product } = task.asks[row];
      const side = async ({ answers }: ComparedSystem) => ({
        rank: expectedRank(answers[row]),
        results: await Promise.all(
          answers[row].top
            .slice(0, SHOWN)
            .map((found) => cards.result(found.id, found.similarity, gold.includes(found.id))),
        ),
      });
      const text = input.kind === 'query' ? input.query.text : undefined;
      const image = imageOf(input);
      const query: ProductCard = {
        label: text ?? cards.titleOf(product),
        thumbnail: await cards.thumbnailOf(image),
        box: image && pixels.boxOf(image),
      };
      return { query, before: await side(base), after: await side(other) };
    }),
  );
}
