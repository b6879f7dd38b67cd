import type { DataSet } from '../data-set.js';
import { adapter } from './adapter.js';
import { aliases } from './aliases.js';
import * as recipes from './recipes.js';
import { rivals } from './rivals.js';
import { fashionTasks } from './tasks.js';

/** Kaggle's "Fashion Product Images": product titles and studio images. */
export const fashion: DataSet = {
  name: 'fashion',
  adapter,
  tasks: fashionTasks,
  rivals,
  headline: 'title-to-image',
  recipes: { ...recipes },
  aliases,
};
