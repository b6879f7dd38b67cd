import { productItems, retrievalTask } from '../../tasks/retrieval-task.js';
import type { Protocol } from '../../tasks/task.js';
import { photoQuestions } from './photo-tasks.js';

/** G2: match photos of products unseen in training (`source.unseen`) against the products of their fold and against all products. */
export const unseenTasks: Protocol = (source) => {
  const { unseen, catalogue } = source;
  if (!unseen) return [];
  const questions = photoQuestions(source);
  const fold = catalogue.products.filter(({ id }) => unseen.has(id));
  const query = 'photo + crop of an unseen product';
  const gallery = 'iconic image + crop, title, category, attributes';
  return [
    ...retrievalTask(
      'g2.fold',
      { title: 'photo -> product, among unseen products', query, gallery: `${gallery}; the fold alone` },
      questions,
      productItems(fold),
    ),
    ...retrievalTask(
      'g2.all',
      { title: 'photo -> product, among all products', query, gallery },
      questions,
      productItems(catalogue.products),
    ),
  ];
};
