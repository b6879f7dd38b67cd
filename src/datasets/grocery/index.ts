import { unseenFolds } from '../../data/folds.js';
import type { DataSet } from '../data-set.js';
import { adapter } from './adapter.js';
import { aliases } from './aliases.js';
import * as recipes from './recipes.js';
import { rivals } from './rivals.js';
import { groceryTasks } from './tasks.js';

/** GroceryStoreDataset: photos of groceries in a shop, and the product that each shows. */
export const grocery: DataSet = {
  name: 'grocery',
  adapter,
  tasks: groceryTasks,
  headline: 'g1.full',
  highlights: ['g3.full', 'g4', 'g5.coarse'],
  rivals,
  recipes: { ...recipes },
  folds: unseenFolds,
  aliases,
};
