import { type Pair, type Product, queryForm } from '../../data/types.js';
import { attributeLabel, categoryLevel, type LabelKind, labelTask } from '../../tasks/labels.js';
import { requestedTasks } from '../../tasks/requested-tasks.js';
import { productItems, type Question, retrievalTask } from '../../tasks/retrieval-task.js';
import { photosOf, productsById, productsOf } from '../../tasks/subjects.js';
import type { Protocol, Task, TaskSource } from '../../tasks/task.js';
import { attainableRecall } from './attainable.js';
import { shopAttributes } from './facts.js';
import { withholdFromShop } from './shop.js';
import type { Shop } from './shop-type.js';

/** Size of a gallery that is built for a single task. */
const GALLERY = 2000;

const forms = ['image', 'text', 'product'] as const;

/**
 * Tasks of the generated shop: queries of each form against all products, with the attainable recall; classification of category levels and
 * attributes from query images; and text queries with one attribute withheld, for which the generator itself masks the words.
 */
export const shopTasks: Protocol = (source) => {
  const shop = source.catalogue as Shop;
  return [
    ...forms.flatMap((form) => formTask(`retrieval.${form}`, shop, source, form)),
    ...['top', 'second', 'leaf'].flatMap((name, level) =>
      imageTasks(`classification.${name}`, categoryLevel(name, level), source),
    ),
    ...shopAttributes.flatMap((name) => imageTasks(`attribute.${name}`, attributeLabel(name), source)),
    ...shopAttributes
      .filter((name) => source.isWanted?.(withheldName(name)) ?? true)
      .flatMap((name) => withheldTask(name, shop, source)),
    ...requestedTasks(source),
  ];
};

/** Classify query images by label texts, once with the aspect of a title and once with the label's own aspect. */
function imageTasks(name: string, kind: LabelKind, source: TaskSource): Task[] {
  return (['title', 'own'] as const).flatMap(
    (labelAspect) => labelTask(name, kind, photosOf(source), source, { labelAspect }) ?? [],
  );
}

const titles = { image: 'photo -> product', text: 'words -> product', product: 'photo and words -> product' };

function formTask(
  name: string,
  shop: Shop,
  { split }: TaskSource,
  form: (typeof forms)[number],
  gallery: readonly Product[] = shop.products,
): Task[] {
  const pairs = shop.pairs.filter((pair) => pair.split === split && queryForm(pair.query) === form);
  const products = productsById(shop);
  const attainable = Object.fromEntries([1, 5, 10].map((k) => [`R@${k}`, attainableRecall(shop, pairs, k, gallery)]));
  return retrievalTask(
    name,
    {
      title: titles[form],
      query: form === 'product' ? 'image + crop + text' : form,
      gallery: 'image + crop, title, category, attributes',
    },
    pairs.map((pair) => question(pair, products)),
    productItems(gallery),
    { attainable },
  );
}

const withheldName = (name: string) => `retrieval.text.without-${name}`;

/**
 * Retrieval by text queries with one attribute missing in the text of both sides: measures what the images reveal of it. The gallery has
 * 2,000 products, including those of the split, because every product must be embedded again.
 */
function withheldTask(name: (typeof shopAttributes)[number], shop: Shop, source: TaskSource): Task[] {
  const without = withholdFromShop(shop, name);
  const asked = productsOf({ catalogue: without, split: source.split });
  const others = without.products.filter((product) => !asked.includes(product));
  const gallery = [...asked, ...others.slice(0, Math.max(0, GALLERY - asked.length))];
  const title = `words -> product, ${name} withheld`;
  return formTask(withheldName(name), without, source, 'text', gallery).map((task) => ({ ...task, title }));
}

function question({ query, product }: Pair, products: ReadonlyMap<string, Product>): Question {
  return { id: query.id, input: { kind: 'query', query }, product: products.get(product)! };
}
