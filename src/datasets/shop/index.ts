import { joinAliases } from '../../tasks/aliases.js';
import type { DataSet } from '../data-set.js';
import { adapter } from './adapter.js';
import { moon2 } from './moon2-recipe.js';
import * as recipes from './recipes.js';
import { generateShop, redrawProduct } from './shop.js';
import type { Shop } from './shop-type.js';
import { shopTasks } from './tasks.js';
import { shopSynonyms } from './words.js';

/** A generated shop with known ground truth. */
export const shop: DataSet = {
  name: 'shop',
  adapter,
  tasks: shopTasks,
  headline: 'retrieval.image',
  recipes: { ...recipes, moon2 },
  // The synonyms of all facts, keyed by value.
  aliases: joinAliases(...Object.values(shopSynonyms)),
  generate: generateShop,
  redraw: (catalogue, product, count) => redrawProduct(catalogue as Shop, product, count),
};
