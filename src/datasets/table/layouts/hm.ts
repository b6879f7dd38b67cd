import { byColumns } from './by-columns.js';
import type { Layout } from './layout.js';

/** H&M's articles: an article is a colour of a product and has its own picture, `images/042/0420000101.jpg`. */
export const hm: Layout = {
  name: 'H&M articles',
  reads:
    /^(article_id|prod_name|detail_desc|index_group_name|product_group_name|product_type_name|colour_group_name|graphical_appearance_name|department_name|section_name|garment_group_name)$/,
  fits: (columns) => columns.has('article_id') && columns.has('prod_name') && columns.has('product_type_name'),
  open: () =>
    byColumns({
      id: 'article_id',
      title: 'prod_name',
      description: 'detail_desc',
      category: ['index_group_name', 'product_group_name', 'product_type_name'],
      attributes: [
        'colour_group_name',
        'graphical_appearance_name',
        'department_name',
        'section_name',
        'garment_group_name',
      ],
      image: [],
      ignored: [],
    }),
};
