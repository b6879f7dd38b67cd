import { type Pair, type Product, type QueryForm, queryForm } from '../data/types.js';
import type { Field } from '../moon/sequence.js';
import { attributeLabel, attributeNames, categoryLevel, labelTasks, withoutRare } from './labels.js';
import { requestedTasks } from './requested-tasks.js';
import { productItems, questionsOf, retrievalTask } from './retrieval-task.js';
import { askByTitle, mainImages, productsById, productsOf } from './subjects.js';
import { imageInput, type Protocol, type Task, type TaskSource, textInput } from './task.js';
import { showsSomething, titleOnly } from './withhold.js';

/** Maximum number of attributes to test, most frequent first: a benchmark can have thousands. */
const ATTRIBUTES = 12;

/**
 * The tasks of the MBE benchmark, for any catalogue: retrieval by image, text and product queries against all products; title <-> image
 * retrieval among the products of the split; and classification of each category level and the most frequent attributes by the nearest
 * label text.
 */
export const catalogueTasks: Protocol = (source) => [
  ...(['image', 'text', 'product'] as const).flatMap((form) => formTask(form, source)),
  ...crossModal(source),
  ...labelsOf(source),
  ...requestedTasks(source),
];

/** Retrieval of all products that have any content by every query of one form of the split; by photos it is G1 for any catalogue. */
export const queryToProduct =
  (form: QueryForm): Protocol =>
  (source) =>
    formTask(form, source);

const fields: Field[] = ['image', 'title', 'category', 'attributes'];

function formTask(form: QueryForm, { catalogue, split }: TaskSource): Task[] {
  const products = productsById(catalogue);
  const pairs = catalogue.pairs.filter((pair) => pair.split === split && queryForm(pair.query) === form);
  const withhold: Field[] = askByTitle(pairs, products) ? ['title'] : [];
  const readable = catalogue.products.filter((product) => showsSomething(product, withhold));
  const inGallery = new Set(readable);
  const shown = pairs.filter(({ product }) => inGallery.has(products.get(product)!));
  const questions = questionsOf(shown, products);
  return retrievalTask(
    `retrieval.${form}`,
    {
      title: `${{ image: 'photo', text: 'words', product: 'photo and words' }[form]} -> product`,
      query: form === 'product' ? 'image + crop + text' : form,
      gallery: fields.filter((field) => !withhold.includes(field)).join(', '),
    },
    questions,
    productItems(readable, withhold),
    shown.length < pairs.length
      ? { leftOut: { [absence(pairs, inGallery, products)]: pairs.length - shown.length } }
      : {},
  );
}

/** Why some pairs are left out, with the first products that cannot be found. */
function absence(
  pairs: readonly Pair[],
  inGallery: ReadonlySet<Product>,
  products: ReadonlyMap<string, Product>,
): string {
  const ids = [...new Set(pairs.map(({ product }) => product))].filter((id) => !inGallery.has(products.get(id)!));
  return `the product shows nothing (${ids.slice(0, 3).join(', ')}${ids.length > 3 ? ' ...' : ''})`;
}

/** Retrieval of images by titles, and of titles by images, for the products that have both. */
function crossModal(source: TaskSource): Task[] {
  const subjects = mainImages(productsOf(source)).filter(({ product }) => product.title !== '');
  const products = subjects.map(({ product }) => product);
  const titles = subjects.map(({ id, product }) => ({ id, input: textInput(`${id}/title`, product.title), product }));
  const images = subjects.map(({ id, image, product }) => ({ id, input: imageInput(id, image), product }));
  return [
    ...retrievalTask(
      'cross.text-to-image',
      { title: 'title -> image', query: 'title', gallery: 'image + crop' },
      titles,
      images,
    ),
    ...retrievalTask(
      'cross.image-to-text',
      { title: 'image -> title', query: 'image + crop', gallery: 'title' },
      images,
      productItems(products, titleOnly),
    ),
  ];
}

function labelsOf(source: TaskSource): Task[] {
  const { products } = source.catalogue;
  const subjects = mainImages(productsOf(source));
  const depth = products.reduce((deepest, { category }) => Math.max(deepest, category.length), 0);
  const levels = Array.from({ length: depth }, (_, level) => ({
    ...categoryLevel(`level-${level + 1}`, level),
    title: `category, level ${level + 1}`,
  }));
  const attributes = attributeNames(products).map((name) => withoutRare(attributeLabel(name), products));
  return [
    ...levels.flatMap((kind) => labelTasks(`classification.${kind.name}`, kind, subjects, source)),
    ...attributes.slice(0, ATTRIBUTES).flatMap((kind) => labelTasks(`attribute.${kind.name}`, kind, subjects, source)),
  ];
}
