import { unseenFolds } from '../../data/folds.js';
import type { DataSet } from '../data-set.js';
import { adapter } from './adapter.js';
import { aliases } from './aliases.js';
import { groceryMoon2 } from './moon2-recipe.js';
import * as pretrainedRecipes from './pretrained-recipes.js';
import * as recipes from './recipes.js';
import { rivals } from './rivals.js';
import { groceryTasks } from './tasks.js';

/** GroceryStoreDataset: photos of groceries taken in a shop, labelled with the product. */
export const grocery: DataSet = {
  name: 'grocery',
  adapter,
  tasks: groceryTasks,
  headline: 'g1.full',
  highlights: ['g3.full', 'g4', 'g5.coarse'],
  rivals,
  recipes: { ...recipes, ...pretrainedRecipes, groceryMoon2 },
  folds: unseenFolds,
  aliases,
};
