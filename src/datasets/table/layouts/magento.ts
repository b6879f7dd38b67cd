import { labelCell, textCell } from '../../../data/tables/cells.js';
import { plainName, usualLists } from '../../../data/tables/usual-columns.js';
import { longest } from '../category-path.js';
import { imagesIn } from '../image-names.js';
import { longAndShort } from '../listing.js';
import type { Layout } from './layout.js';
import { withNames } from './layout.js';

/** Shopper-facing words for "no picture". */
const noImage = 'no_selection';

/**
 * A product has a row a store view, of which the one without a view comes first. Configurable products name their variants, which are rows of
 * their own.
 */
export const magento: Layout = {
  name: 'Magento product export',
  reads:
    /^(sku|name|short_description|description|categories|additional_attributes|base_image|image|small_image|additional_images|configurable_variations|associated_skus)$/,
  fits: (columns) =>
    columns.has('sku') &&
    columns.has('name') &&
    (columns.has('additional_attributes') || columns.has('attribute_set_code')),
  open: () => (given, note) => {
    const row = withNames(given);
    const label = (column: string) => labelCell(row, column, note);
    const id = label('sku');
    if (!id) return undefined;
    const paths = (label('categories') ?? '')
      .split(',')
      .map((path) => path.split('/').flatMap((level) => level.trim() || []));
    const pairs = named(label('additional_attributes') ?? '');
    const images = ['base_image', 'image', 'small_image', 'additional_images'].flatMap((column) => {
      const value = row.values[column];
      return imagesIn(typeof value === 'string' ? value.trim() : value);
    });
    return {
      id,
      title: textCell(row, 'name', note),
      ...longAndShort(textCell(row, 'description', note), textCell(row, 'short_description', note)),
      // "Default Category" is the root of every shop.
      category: longest(paths.map((path) => path.filter((level, at) => at > 0 || level !== 'Default Category'))),
      attributes: Object.fromEntries(pairs.filter(([name]) => !usualLists.ignored.test(plainName(name)))),
      images: [...new Set(images)].filter((image) => image !== noImage),
      variants: [
        ...variantSkus(label('configurable_variations') ?? ''),
        ...(label('associated_skus') ?? '').split(',').flatMap((sku) => sku.split('=')[0].trim() || []),
      ],
    };
  },
};

/** `color=Red,size=S|M` -> names and values. */
function named(text: string): [string, string[]][] {
  return text.split(/,(?=[\w-]+=)/).flatMap((part) => {
    const [name, value = ''] = part.split(/=(.*)/s);
    const values = value.split('|').flatMap((each) => each.trim() || []);
    return name.trim() && values.length ? [[name.trim(), values] as [string, string[]]] : [];
  });
}

const variantSkus = (text: string) => [...text.matchAll(/(?:^|\|)[^|]*?\bsku=([^,|]+)/g)].map(([, sku]) => sku.trim());
