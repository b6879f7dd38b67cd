import { requestedTasks } from '../../tasks/requested-tasks.js';
import type { Protocol } from '../../tasks/task.js';
import { attributeTasks, classificationTasks } from './label-tasks.js';
import { photoTasks } from './photo-tasks.js';
import { productTasks } from './product-tasks.js';
import { textTasks } from './text-tasks.js';
import { unseenTasks } from './unseen-tasks.js';

/** G1 and G3 to G6. For a model trained without a fold of the products: G2 and G6 on that fold. */
export const groceryTasks: Protocol = (source) => {
  const protocols = source.unseen
    ? [unseenTasks, attributeTasks]
    : [photoTasks, textTasks, productTasks, classificationTasks, attributeTasks, requestedTasks];
  return protocols.flatMap((protocol) => protocol(source));
};
