import { labelCell, listCell, textCell } from '../../../data/tables/cells.js';
import { isObject } from '../../../data/tables/json.js';
import type { Row } from '../../../data/tables/row.js';
import { plainName, usualLists } from '../../../data/tables/usual-columns.js';
import { categoryPath } from '../category-path.js';
import { imagesIn } from '../image-names.js';
import type { Layout } from './layout.js';

/** The metadata of Amazon Reviews (2014, 2018 and 2023): lists of levels, pictures in several sizes, details as an object or as JSON. */
export const amazonReviews: Layout = {
  name: 'Amazon Reviews metadata',
  reads:
    /^(parent_asin|asin|title|description|features?|categories|category|main_category|main_cat|brand|store|details|images|imageurlhighres|imageurl|imurl)$/,
  fits: (columns) =>
    (columns.has('asin') || columns.has('parent_asin')) &&
    columns.has('title') &&
    // The reviews themselves have titles and pictures too.
    !['user_id', 'reviewerid', 'reviewtext'].some((name) => columns.has(name)) &&
    ['imurl', 'imageurl', 'imageurlhighres', 'images', 'categories', 'category'].some((name) => columns.has(name)),
  open: () => (row, note) => {
    const id = labelCell(row, 'parent_asin', note) ?? labelCell(row, 'asin', note);
    if (!id) return undefined;
    const category = ['categories', 'category', 'main_category', 'main_cat'].map((column) =>
      categoryPath(row, [column], note),
    );
    const brand = ['brand', 'store'].map((column) => labelCell(row, column, note)).find(Boolean);
    return {
      id,
      title: textCell(row, 'title', note),
      description:
        [textCell(row, 'description', note), textCell(row, 'features', note) ?? textCell(row, 'feature', note)]
          .filter(Boolean)
          .join(' ') || undefined,
      category: category.find((path) => path.length) ?? [],
      attributes: Object.fromEntries([
        ...(brand ? [['brand', [brand]] as const] : []),
        ...details(row.values.details, note),
      ]),
      images: picturesOf(row),
    };
  },
};

/** 2023: a list of pictures, or an object of lists, each in several sizes; before: two lists of links. */
function picturesOf({ values }: Row) {
  const { images } = values;
  if (isObject(images)) {
    const sizes = ['hi_res', 'large', 'thumb'].map((size) => (Array.isArray(images[size]) ? images[size] : []));
    return sizes[1]
      .concat(sizes[0].slice(sizes[1].length))
      .flatMap((_, at) => imagesIn(sizes.map((list) => list[at]).find(Boolean)));
  }
  const named = imagesIn(images);
  if (named.length) return named;
  const links = ['imageURLHighRes', 'imageURL', 'imUrl'].map((column) => imagesIn(values[column]));
  return links.find((list) => list.length) ?? [];
}

function details(value: unknown, note: Parameters<typeof listCell>[2]): [string, string[]][] {
  let given = value;
  if (typeof value === 'string')
    try {
      given = JSON.parse(value);
    } catch {
      return [];
    }
  if (!isObject(given)) return [];
  return Object.entries(given).flatMap(([name, text]) => {
    const isOther = usualLists.ignored.test(plainName(name)) || isObject(text);
    const values = isOther ? [] : listCell({ line: 0, values: { [name]: text } }, name, note);
    return values.length ? [[name, values] as [string, string[]]] : [];
  });
}
