import { groupBy } from '../data/group-by.js';
import { pictureHasher } from '../data/images/picture-hash.js';
import { seenBy, type TrainedOn } from '../data/trained-on.js';
import type { Catalogue } from '../data/types.js';
import { productsById } from '../tasks/subjects.js';
import { imageOf, type Task } from '../tasks/task.js';

/** Whether training has seen the products of a task's queries; `unknown` if the training data of a model are unknown. */
export type Products = 'seen' | 'unseen' | 'mixed' | 'unknown';

/** Text for tables and captions. */
export const productsText: Record<Products, string> = {
  seen: 'seen products',
  unseen: 'unseen products',
  mixed: 'seen and unseen products',
  unknown: 'products that may have been seen',
};

/**
 * Find out whether the training of the encoders has seen the products of each task, by their ids, titles and images, including query
 * images. If seeds were trained on different products, the result can be `mixed`.
 */
export function seenProducts(
  tasks: readonly Task[],
  networks: readonly { trainedOn?: TrainedOn }[],
  catalogue: Catalogue,
): Products[] {
  const records = networks.map(({ trainedOn }) => trainedOn);
  if (!records.every((record) => record !== undefined)) return tasks.map(() => 'unknown');
  const hashOf = pictureHasher();
  const networksSeeing = records.map((record) => seenBy(record, hashOf));
  const products = productsById(catalogue);
  return tasks.map(({ asks }) => {
    const answers = [...groupBy(asks, ({ product }) => product)].flatMap(([id, own]): Products[] => {
      const product = products.get(id) ?? { id, title: '', category: [], attributes: {}, images: [] };
      const asked = own.flatMap(({ input }) =>
        input.kind === 'product' ? input.product.images : (imageOf(input) ?? []),
      );
      const images = [...product.images, ...asked];
      return networksSeeing.map((hasSeen) => (hasSeen(product, images) ? 'seen' : 'unseen'));
    });
    return combineProducts(answers);
  });
}

/** Combine the values of several parts. */
export function combineProducts(parts: readonly Products[]): Products {
  const distinct = new Set(parts);
  if (distinct.has('unknown') || !distinct.size) return 'unknown';
  return distinct.size === 1 ? parts[0] : 'mixed';
}
