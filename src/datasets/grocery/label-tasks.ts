import {
  attributeLabel,
  attributeNames,
  categoryLevel,
  type LabelKind,
  labelTasks,
  withoutRare,
} from '../../tasks/labels.js';
import { photosOf } from '../../tasks/subjects.js';
import type { Protocol } from '../../tasks/task.js';

const levels: LabelKind[] = [
  categoryLevel('top', 0),
  { name: 'coarse', title: 'coarse category', field: 'category', labelsOf: ({ category }) => category.slice(-1) },
  { name: 'fine', title: 'name of the product', field: 'title', labelsOf: ({ title }) => (title ? [title] : []) },
];

/** G5: classify the top, coarse and fine category of a photo by the nearest label text. */
export const classificationTasks: Protocol = (source) =>
  levels.flatMap((level) => labelTasks(`g5.${level.name}`, level, photosOf(source), source));

/**
 * G6: classify the attributes of a photo, alone and with text. Covers products that have the attribute, and values that at least two
 * products have.
 */
export const attributeTasks: Protocol = (source) => {
  const { products } = source.catalogue;
  return attributeNames(products).flatMap((name) => {
    const kind = withoutRare(attributeLabel(name), products);
    return labelTasks(`g6.${name}`, kind, photosOf(source), source);
  });
};
