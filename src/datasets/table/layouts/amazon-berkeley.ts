import { labelCell, listCell, textCell, valuesOf } from '../../../data/tables/cells.js';
import { isObject } from '../../../data/tables/json.js';
import { longest, splitPath } from '../category-path.js';
import { imagesIn } from '../image-names.js';
import type { Layout } from './layout.js';

const attributes = [
  'brand',
  'color',
  'material',
  'style',
  'pattern',
  'fabric_type',
  'finish_type',
  'item_shape',
  'product_type',
];

/** Amazon Berkeley Objects: every field a list of values that are tagged with a language; pictures by id, `images.csv` says where. */
export const amazonBerkeley: Layout = {
  name: 'Amazon Berkeley Objects',
  picturesById: true,
  reads:
    /^(item_id|item_name|bullet_point|node|product_type|brand|color|material|style|pattern|fabric_type|finish_type|item_shape|main_image_id|other_image_id)$/,
  fits: (columns) => columns.has('item_id') && columns.has('item_name') && columns.has('main_image_id'),
  open: () => (row, note) => {
    const id = labelCell(row, 'item_id', note);
    if (!id) return undefined;
    const nodes = Array.isArray(row.values.node) ? row.values.node : [];
    const paths = nodes.flatMap((node) =>
      isObject(node) && typeof node.node_name === 'string' ? [splitPath(node.node_name)] : [],
    );
    const path = longest(paths.map((each) => each.filter((level, at) => at > 0 || level !== 'Categories')));
    const [kind] = listCell(row, 'product_type', note);
    const values = attributes.map((name) => [name, [...new Set(listCell(row, name, note))]] as [string, string[]]);
    return {
      id,
      title: valuesOf(row.values.item_name).find((name) => typeof name === 'string') as string | undefined,
      description: textCell(row, 'bullet_point', note),
      category: path.length || !kind ? path : [kind],
      attributes: Object.fromEntries(values.filter(([, each]) => each.length)),
      images: ['main_image_id', 'other_image_id'].flatMap((column) => imagesIn(row.values[column])),
    };
  },
};
