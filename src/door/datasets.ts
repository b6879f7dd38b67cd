export { bases, readConfig } from '../datasets/bases.js';
export type { DataSet } from '../datasets/data-set.js';
export { GROCERY_PACK } from '../datasets/grocery/pack.js';
export { grocery, paper } from '../datasets/grocery/recipes.js';
export { addDataSet } from '../datasets/index.js';
export { type Inspection, inspectData } from '../datasets/inspect/inspect.js';
export { inspectionPage } from '../datasets/inspect/page.js';
export { inspectionText } from '../datasets/inspect/text.js';
export { openCatalogue } from '../datasets/open.js';
export { attainableRecall, visibleDuplicates } from '../datasets/shop/attainable.js';
export { type GroupOptions, type GroupPicture, shopGroups } from '../datasets/shop/groups.js';
export {
  areRelated,
  type ShopLinks,
  type ShopRelation,
  type ShopRelationOptions,
  shopLinks,
} from '../datasets/shop/relations.js';
export type { ShopOptions } from '../datasets/shop/settings.js';
export { generateShop, withholdFromShop } from '../datasets/shop/shop.js';
export type { Shop } from '../datasets/shop/shop-type.js';
export { type Shopper, type ShopperOptions, shopShoppers } from '../datasets/shop/shoppers.js';
export {
  type JudgedPart,
  judgedParts,
  namedValues,
  type StatedFacts,
  statedFacts,
} from '../datasets/shop/stated-facts.js';
