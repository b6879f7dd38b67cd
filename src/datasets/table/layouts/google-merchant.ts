import { labelCell, listCell, textCell } from '../../../data/tables/cells.js';
import { categoryPath } from '../category-path.js';
import { imagesIn } from '../image-names.js';
import type { Layout } from './layout.js';
import { withNames } from './layout.js';
import { detailsInText, joined } from './named-values.js';

const attributes = ['brand', 'color', 'size', 'material', 'pattern', 'gender', 'age_group', 'size_type', 'size_system'];

/** A feed of offers, as text or XML (whose names begin with `g:`). Offers of one `item_group_id` are variants of one product. */
export const googleMerchant: Layout = {
  name: 'Google Merchant feed',
  reads:
    /^(id|item_group_id|title|description|product_type|google_product_category|image_link|additional_image_link|brand|color|size|material|pattern|gender|age_group|size_type|size_system|product_detail|product_detail_(section_name|attribute_name|attribute_value))$/,
  fits: (columns) => columns.has('id') && columns.has('title') && columns.has('image_link'),
  open: () => (given, note) => {
    const row = withNames(given);
    const id = labelCell(row, 'item_group_id', note) ?? labelCell(row, 'id', note);
    if (!id) return undefined;
    const own = categoryPath(row, ['product_type'], note);
    const values = attributes.flatMap((name) => {
      const text = labelCell(row, name, note);
      return text ? [[name, text.split(/\s*\/\s*/)] as const] : [];
    });
    const names = listCell(row, 'product_detail_attribute_name', note);
    const told = listCell(row, 'product_detail_attribute_value', note);
    const details = names.length === told.length ? joined(names.map((name, at) => [name, told[at]])) : [];
    const inText = detailsInText(labelCell(row, 'product_detail', note) ?? '');
    return {
      id,
      title: textCell(row, 'title', note),
      description: textCell(row, 'description', note),
      category: own.length ? own : categoryPath(row, ['google_product_category'], note),
      attributes: Object.fromEntries([...details, ...inText, ...values]),
      images: ['image_link', 'additional_image_link'].flatMap((column) => imagesIn(row.values[column])),
    };
  },
};
