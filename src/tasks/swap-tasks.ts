import { type Query, queryForm } from '../data/types.js';
import { randomStream } from '../engine/random.js';
import { productsById } from './subjects.js';
import { type Protocol, slicesOf, type Task, type TaskSource } from './task.js';

/** What is exchanged. */
export const swapped = ['image', 'text'] as const;
export type Swapped = (typeof swapped)[number];

/**
 * How much the embedding of a query of image and text moves when its image, or its text, becomes that of another product. Made where it is
 * requested by name.
 */
export const swapTasks: Protocol = (source) =>
  swapped.filter((part) => source.isWanted?.(`swap.${part}`) ?? false).flatMap((part) => swapTask(part, source));

function swapTask(part: Swapped, { catalogue, split }: TaskSource): Task[] {
  const products = productsById(catalogue);
  const asked = catalogue.pairs.filter((pair) => pair.split === split && queryForm(pair.query) === 'product');
  const others = ringOfOthers(asked.map(({ product }) => product));
  if (!others) return [];
  const withPart = (query: Query, other: Query): Query => ({ ...query, [part]: other[part] });
  return [
    {
      name: `swap.${part}`,
      title: `change of an embedding by another ${part}`,
      kind: 'sensitivity',
      query: 'image + crop and text',
      gallery: `the same with the ${part} of another product`,
      asks: asked.map(({ query, product }) => {
        const input = { kind: 'query', query } as const;
        return { id: query.id, input, gold: [query.id], product, slices: slicesOf(input, products.get(product)!) };
      }),
      items: asked.map(({ query }, at) => ({
        id: query.id,
        input: { kind: 'query', query: withPart(query, asked[others[at]].query) },
      })),
    },
  ];
}

/** For each entry another one of another product: the next in a shuffled ring. Undefined if all are of one product. */
function ringOfOthers(products: readonly string[]): number[] | undefined {
  const ring = randomStream(0, 'swapped').shuffle([...products.keys()]);
  const others: number[] = [];
  for (const [place, at] of ring.entries()) {
    const after = [...ring.slice(place + 1), ...ring.slice(0, place)];
    const other = after.find((each) => products[each] !== products[at]);
    if (other === undefined) return undefined;
    others[at] = other;
  }
  return others.length ? others : undefined;
}
