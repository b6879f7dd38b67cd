import { groupBy } from '../data/group-by.js';
import { productItems, type Question, retrievalTask } from './retrieval-task.js';
import { productsOf } from './subjects.js';
import type { Protocol } from './task.js';

/**
 * Find a product of the same category: queries are the products of the split that training has not seen, items the products of training, and every
 * item with the query's full category path is right. It needs no queries of its own, so that vectors of products are enough. No task where all
 * products of the split are seen in training.
 */
export const sameCategory: Protocol = ({ catalogue, split }) => {
  const training = productsOf({ catalogue, split: 'train' });
  const seen = new Set(training);
  const byCategory = groupBy(training, ({ category }) => JSON.stringify(category));
  const unseen = productsOf({ catalogue, split }).filter((product) => !seen.has(product));
  const questions = unseen.flatMap((product): Question[] => {
    const right = product.category.length ? (byCategory.get(JSON.stringify(product.category)) ?? []) : [];
    const { id } = product;
    return right.length
      ? [{ id, input: { kind: 'product', product }, product, right: right.map((each) => each.id) }]
      : [];
  });
  const without = unseen.length - questions.length;
  return retrievalTask(
    'same-category',
    {
      title: 'unseen product -> product of the same category',
      query: 'whole product of the split',
      gallery: 'whole products of training',
    },
    questions,
    productItems(training),
    without ? { leftOut: { 'no training product of its category': without } } : {},
  );
};
