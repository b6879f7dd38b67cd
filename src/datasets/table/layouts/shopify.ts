import { labelCell, listCell, textCell } from '../../../data/tables/cells.js';
import type { Row } from '../../../data/tables/row.js';
import { categoryPath } from '../category-path.js';
import { imagesIn } from '../image-names.js';
import type { Layout } from './layout.js';
import { withNames } from './layout.js';

/** A product is one to many rows of one handle: its variants and its pictures. Options are named in its first row alone. */
export const shopify: Layout = {
  name: 'Shopify product export',
  reads:
    /^(handle|title|body_\(html\)|vendor|product_category|type|tags|option\d_(name|value)|image_src|variant_image|.*metafields.*)$/,
  fits: (columns) =>
    columns.has('handle') && columns.has('title') && (columns.has('body_(html)') || columns.has('image_src')),
  open() {
    let handle = '';
    let options: (string | undefined)[] = [];
    return (given, note) => {
      const row = withNames(given);
      const id = labelCell(row, 'handle', note);
      if (!id) return undefined;
      const label = (column: string) => labelCell(row, column, note);
      const names = [1, 2, 3].map((number) => label(`option${number}_name`));
      if (id !== handle) options = [];
      handle = id;
      options = names.map((name, at) => name ?? options[at]);
      const attributes: [string, string[]][] = [];
      for (const [at, name] of options.entries()) {
        const value = label(`option${at + 1}_value`);
        // Shopify's own words for a product without options.
        if (name && value && value !== 'Default Title') attributes.push([name, [value]]);
      }
      for (const column of ['vendor', 'type']) {
        const value = label(column);
        if (value) attributes.push([column, [value]]);
      }
      const tags = listCell(row, 'tags', note).flatMap((tag) => tag.split(/\s*,\s*/).filter(Boolean));
      if (tags.length) attributes.push(['tags', tags]);
      for (const [column, name] of metafields(given)) {
        const values = listCell(given, column, note).flatMap((value) => value.split(/\s*;\s*/).filter(Boolean));
        if (values.length) attributes.push([name, values]);
      }
      const path = categoryPath(row, ['product_category'], note);
      return {
        id,
        title: textCell(row, 'title', note),
        description: textCell(row, 'body_(html)', note),
        category: path.length ? path : categoryPath(row, ['type'], note),
        attributes: Object.fromEntries(attributes),
        images: ['image_src', 'variant_image'].flatMap((column) => imagesIn(row.values[column])),
      };
    };
  },
};

/** `Fabric (product.metafields.custom.fabric)` -> the column and `Fabric`. */
const metafields = ({ values }: Row) =>
  Object.keys(values).flatMap((column) => {
    const name = /^(.*?)\s*\(product\.metafields\..*\)$/.exec(column)?.[1];
    return name ? [[column, name] as const] : [];
  });
