import { groupBy } from '../data/group-by.js';
import { queryForm } from '../data/types.js';
import { productItems, type Question, retrievalTask } from './retrieval-task.js';
import { productsById } from './subjects.js';
import type { Item, Protocol, TaskSource } from './task.js';
import { imageOnly, textOnly } from './withhold.js';

/** The five directions of MOON2.0 (arXiv 2511.12449): t text, i picture, mm both. */
export const directions = ['t-mm', 'i-mm', 'mm-mm', 't-i', 'i-t'] as const;
export type Direction = (typeof directions)[number];

const forms = { t: 'text', i: 'image', mm: 'product' } as const;
const words = { t: 'words', i: 'photo', mm: 'photo and words' } as const;
const galleries = {
  mm: { title: 'product', gallery: 'image + crop, title, category, attributes', withhold: [] },
  i: { title: 'picture of a product', gallery: 'image + crop', withhold: imageOnly },
  t: { title: 'texts of a product', gallery: 'title, category, attributes', withhold: textOnly },
} as const;

/**
 * Retrieval in five directions: the queries of the split by text, by picture and by both, against whole products, and across against the
 * products' pictures or texts alone. Made where one is requested by name, since each gallery is embedded anew. A direction whose queries the
 * split lacks is left out.
 */
export const directionTasks: Protocol = (source) =>
  directions
    .filter((direction) => source.isWanted?.(`directions.${direction}`) ?? false)
    .flatMap((direction) => {
      const [from, to] = direction.split('-') as [keyof typeof forms, keyof typeof galleries];
      const { title, gallery } = galleries[to];
      const items = itemsOf(source, to);
      const offered = new Set(items.map(({ id }) => id));
      const asked = questions(source, forms[from]);
      const questioned = asked.filter(({ right = [] }) => right.some((id) => offered.has(id)));
      const without = asked.length - questioned.length;
      return retrievalTask(
        `directions.${direction}`,
        { title: `${words[from]} -> ${title}`, query: forms[from], gallery },
        questioned.map((each) => ({ ...each, right: each.right!.filter((id) => offered.has(id)) })),
        items,
        without ? { leftOut: { 'the product shows nothing': without } } : {},
      );
    });

function questions({ catalogue, split }: TaskSource, form: (typeof forms)[keyof typeof forms]): Question[] {
  const products = productsById(catalogue);
  const pairs = catalogue.pairs.filter((pair) => pair.split === split && queryForm(pair.query) === form);
  return [...groupBy(pairs, ({ query }) => query.id).values()].map((same): Question => {
    const [{ query, product }] = same;
    const right = [...new Set(same.map((pair) => pair.product))];
    return { id: query.id, input: { kind: 'query', query }, product: products.get(product)!, right };
  });
}

/** All products that show something of a kind. */
function itemsOf({ catalogue }: TaskSource, to: keyof typeof galleries): Item[] {
  const hasText = ({ title, category, attributes }: (typeof catalogue.products)[number]) =>
    Boolean(title.trim() || category.length || Object.keys(attributes).length);
  const shown = catalogue.products.filter((product) => {
    const pictured = product.images.length > 0;
    return to === 'i' ? pictured : to === 't' ? hasText(product) : pictured || hasText(product);
  });
  return productItems(shown, galleries[to].withhold);
}
