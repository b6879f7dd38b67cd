import { catalogueTasks } from '../../tasks/catalogue-tasks.js';
import type { DataSet } from '../data-set.js';
import { adapter } from './adapter.js';
import { everydayAliases } from './aliases.js';

/** The user's own catalogue: a table with one product per row. */
export const table: DataSet = {
  name: 'table',
  adapter,
  tasks: catalogueTasks,
  headline: 'retrieval.image',
  recipes: {},
  aliases: everydayAliases,
};
