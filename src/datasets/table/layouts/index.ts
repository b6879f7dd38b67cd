import { amazonBerkeley } from './amazon-berkeley.js';
import { amazonReviews } from './amazon-reviews.js';
import { googleMerchant } from './google-merchant.js';
import { hm } from './hm.js';
import { type Layout, layoutName } from './layout.js';
import { magento } from './magento.js';
import { shopify } from './shopify.js';
import { woocommerce } from './woocommerce.js';

const layouts: readonly Layout[] = [shopify, woocommerce, googleMerchant, magento, amazonBerkeley, amazonReviews, hm];

/** The known layout of a table with these columns; undefined if it has none. */
export function layoutOf(columns: readonly string[]): Layout | undefined {
  const names = new Set(columns.map(layoutName));
  return layouts.find((layout) => layout.fits(names));
}
