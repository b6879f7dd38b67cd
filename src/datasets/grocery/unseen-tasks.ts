import { UserError, wrongOption } from '../../checks/error.js';
import { groupBy } from '../../data/group-by.js';
import type { Catalogue } from '../../data/types.js';
import { randomStream } from '../../engine/random.js';
import { productItems, retrievalTask } from '../../tasks/retrieval-task.js';
import type { Protocol } from '../../tasks/task.js';
import { photoQuestions } from './photo-tasks.js';

/** G2: photos of products that training never saw (`source.unseen`), against the fold's own products and against all. */
export const unseenTasks: Protocol = (source) => {
  const { unseen, catalogue } = source;
  if (!unseen) return [];
  const questions = photoQuestions(source);
  const fold = catalogue.products.filter(({ id }) => unseen.has(id));
  const query = 'photo + crop of an unseen product';
  const gallery = 'iconic image + crop, title, category, attributes';
  return [
    ...retrievalTask('g2.fold', { query, gallery: `${gallery}; the fold alone` }, questions, productItems(fold)),
    ...retrievalTask('g2.all', { query, gallery }, questions, productItems(catalogue.products)),
  ];
};

/** Product ids in folds of nearly equal size, each with its share of every top category. The same seed and ids give the same folds. */
export function unseenFolds({ products }: Catalogue, { folds = 5, seed = 0 } = {}): string[][] {
  if (!(Number.isInteger(folds) && folds >= 2 && folds <= products.length))
    throw wrongOption('folds', folds, `a whole number from 2 to ${products.length}, the number of products`);
  const stream = randomStream(seed, 'unseen-folds');
  const byTop = [...groupBy(products, ({ category }) => category[0] ?? '')].sort(([a], [b]) => (a < b ? -1 : 1));
  const order = byTop.flatMap(([, members]) => stream.shuffle(members.map(({ id }) => id).sort()));
  return Array.from({ length: folds }, (_, fold) => order.filter((_, at) => at % folds === fold));
}

/** @throws UserError for data whose protocol has no folds: their tasks would ask the same queries of every fold */
export function checkFolds({ adapter }: Catalogue): void {
  if (adapter !== 'grocery')
    throw new UserError(
      `fold: got data of the layout '${adapter}', expected grocery, the only one with folds of unseen products; leave --fold out.`,
    );
}

/** The product ids of one of the five folds, counted from 1. @throws UserError for another number, and for data without folds */
export function foldOf(catalogue: Catalogue, fold: number): string[] {
  checkFolds(catalogue);
  const folds = unseenFolds(catalogue);
  if (!folds[fold - 1]) throw wrongOption('fold', fold, `a whole number from 1 to ${folds.length}`);
  return folds[fold - 1];
}

/** The catalogue to train on when these products are to stay unseen: without them, their photos and their texts. */
export function withoutProducts(catalogue: Catalogue, ids: readonly string[]): Catalogue {
  const out = new Set(ids);
  return {
    ...catalogue,
    products: catalogue.products.filter(({ id }) => !out.has(id)),
    pairs: catalogue.pairs.filter(({ product }) => !out.has(product)),
  };
}
