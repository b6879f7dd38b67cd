import { queryForm } from '../data/types.js';
import type { Field } from '../moon/sequence.js';
import { productItems, questionsOf, retrievalTask } from './retrieval-task.js';
import { askByTitle, productsById } from './subjects.js';
import type { Protocol } from './task.js';
import { imageOnly, showsSomething, textOnly } from './withhold.js';

/** The five directions of MOON2.0 (arXiv 2511.12449): t text, i picture, mm both. */
export const directions = ['t-mm', 'i-mm', 'mm-mm', 't-i', 'i-t'] as const;
export type Direction = (typeof directions)[number];

const forms = { t: 'text', i: 'image', mm: 'product' } as const;
const words = { t: 'words', i: 'photo', mm: 'photo and words' } as const;
const galleries = { mm: 'product', i: 'picture of a product', t: 'texts of a product' } as const;
const shown = { mm: [], i: imageOnly, t: textOnly } as const;
const fields = { image: 'image + crop', title: 'title', category: 'category', attributes: 'attributes' } as const;

/**
 * Retrieval in five directions: the queries of the split by text, by picture and by both, against whole products, and across against the
 * products' pictures or texts alone. Made where one is requested by name, since each gallery is embedded anew. A direction whose queries the
 * split lacks is left out. Where the queries are the products' own titles, galleries show none.
 */
export const directionTasks: Protocol = (source) =>
  directions
    .filter((direction) => source.isWanted?.(`directions.${direction}`) ?? false)
    .flatMap((direction) => {
      const [from, to] = direction.split('-') as [keyof typeof forms, keyof typeof galleries];
      const pairs = source.catalogue.pairs.filter(
        ({ split, query }) => split === source.split && queryForm(query) === forms[from],
      );
      const products = productsById(source.catalogue);
      const withhold: Field[] = [...shown[to], ...(askByTitle(pairs, products) ? (['title'] as const) : [])];
      const offered = source.catalogue.products.filter((product) => showsSomething(product, withhold));
      const known = new Set(offered.map(({ id }) => id));
      const asked = questionsOf(pairs, products);
      const answerable = asked.flatMap((each) => {
        const right = each.right.filter((id) => known.has(id));
        return right.length ? [{ ...each, right }] : [];
      });
      const without = asked.length - answerable.length;
      const seen = Object.entries(fields).flatMap(([field, name]) => (withhold.includes(field as Field) ? [] : name));
      return retrievalTask(
        `directions.${direction}`,
        { title: `${words[from]} -> ${galleries[to]}`, query: forms[from], gallery: seen.join(', ') },
        answerable,
        productItems(offered, withhold),
        without ? { leftOut: { 'the product shows nothing': without } } : {},
      );
    });
