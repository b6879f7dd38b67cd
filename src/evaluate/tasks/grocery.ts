import type { Protocol } from '../task.js';
import { attributeTasks, classificationTasks } from './grocery-labels.js';
import { photoTasks } from './grocery-photo.js';
import { productTasks } from './grocery-product.js';
import { textTasks } from './grocery-text.js';
import { unseenTasks } from './grocery-unseen.js';

/** G1, G3 to G6; of a network that has not seen a fold of the products, G2 and G6 on that fold. */
export const groceryTasks: Protocol = (source) => {
  const protocols = source.unseen
    ? [unseenTasks, attributeTasks]
    : [photoTasks, textTasks, productTasks, classificationTasks, attributeTasks];
  return protocols.flatMap((protocol) => protocol(source));
};
