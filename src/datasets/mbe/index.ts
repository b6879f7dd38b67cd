import { catalogueTasks } from '../../tasks/catalogue-tasks.js';
import type { DataSet } from '../data-set.js';
import { everydayAliases } from '../table/aliases.js';
import { adapter } from './adapter.js';

/** The MBE benchmark of the MOON paper: products of an online shop, and the queries for which they were bought. */
export const mbe: DataSet = {
  name: 'mbe',
  adapter,
  tasks: catalogueTasks,
  headline: 'retrieval.image',
  recipes: {},
  aliases: everydayAliases,
};
