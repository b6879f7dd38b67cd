import { queryForm } from '../../data/types.js';
import { productItems, retrievalTask } from '../../tasks/retrieval-task.js';
import { productsById } from '../../tasks/subjects.js';
import { type Protocol, textInput } from '../../tasks/task.js';
import { imageOnly } from '../../tasks/withhold.js';

/**
 * G3: match the shop's own title of a product, which occurs in no product and no training text, against all products. The titles are not
 * tied to photos: the data assign them to `val`, and `test` uses them too.
 */
export const textTasks: Protocol = ({ catalogue, split }) => {
  const products = productsById(catalogue);
  const questions = catalogue.pairs.flatMap(({ query, product, split: own }) =>
    (own === split || (own === 'val' && split === 'test')) && queryForm(query) === 'text'
      ? [{ id: query.id, input: textInput(query.id, query.text!), product: products.get(product)! }]
      : [],
  );
  const query = "the shop's title, held back";
  return [
    ...retrievalTask(
      'g3.iconic',
      { title: "shop's title -> picture of a product", query, gallery: 'iconic image + crop' },
      questions,
      productItems(catalogue.products, imageOnly),
    ),
    ...retrievalTask(
      'g3.full',
      { title: "shop's title -> product", query, gallery: 'iconic image + crop, title, category, attributes' },
      questions,
      productItems(catalogue.products),
    ),
  ];
};
