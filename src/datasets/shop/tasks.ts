import { type Pair, type Product, queryForm } from '../../data/types.js';
import { attributeLabel, categoryLevel, type LabelKind, labelTask } from '../../tasks/labels.js';
import { productItems, type Question, retrievalTask } from '../../tasks/retrieval-task.js';
import { photosOf, productsById, productsOf } from '../../tasks/subjects.js';
import type { Protocol, Task, TaskSource } from '../../tasks/task.js';
import { attainableRecall } from './attainable.js';
import { shopAttributes } from './facts.js';
import { withholdFromShop } from './shop.js';
import type { Shop } from './shop-type.js';

/** Products of a gallery that is made for one task. */
const GALLERY = 2000;

const forms = ['image', 'text', 'product'] as const;

/**
 * The generated shop: queries of each form against all products, with the most that any method can reach; and the category levels and
 * attributes of the query images. For a text query the words of the fact under test are withheld by the generator itself.
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
  ];
};

/** The query images against label texts with the aspect of a title, and with that of their field. */
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
 * Retrieval by text queries when one attribute is absent from both sides' text: what the pictures say of it. Against 2,000 products,
 * those of the split among them: every product has to be embedded anew.
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
