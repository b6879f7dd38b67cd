import { groupBy } from '../../data/group-by.js';
import type { Catalogue, Product } from '../../data/types.js';
import { duplicateGroups } from '../../pictures/duplicates.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { type Fingerprint, fingerprint } from '../../pictures/same-images.js';
import { attributeLabel, categoryLevel, labelTasks } from '../../tasks/labels.js';
import { type Question, retrievalTask } from '../../tasks/retrieval-task.js';
import { mainImages, productsOf, type Subject } from '../../tasks/subjects.js';
import { imageInput, type Protocol, type Task, textInput } from '../../tasks/task.js';

const labels = [
  { ...categoryLevel('articleType', 2), title: 'article type' },
  { ...attributeLabel('baseColour'), title: 'base colour' },
  attributeLabel('gender'),
  attributeLabel('season'),
  attributeLabel('usage'),
];

/**
 * Title -> image retrieval among the products of the split. The gallery holds image and crop only; the region is detected without the
 * title. The headline counts the product itself as correct (strict id); `.equal-title` also counts products with the same title; `.new`
 * excludes products whose title or near-duplicate image occurs in training. Then five labels, from the image alone and from the product
 * with masked title. See src/evaluate/README.md.
 */
export const fashionTasks: Protocol = (source) => {
  const products = productsOf(source).filter(({ title }) => title !== '');
  const subjects = mainImages(products);
  const without = products.length - subjects.length;
  const leftOut: Record<string, number> = without ? { 'no image': without } : {};
  return [
    ...titleToImage('title-to-image', 'title -> image', subjects, leftOut),
    ...titleToImage(
      'title-to-image.equal-title',
      'title -> image of any product with that title',
      subjects,
      leftOut,
    ).map(equalTitles),
    ...(source.pixels ? withoutKnown(subjects, source.catalogue, source.pixels, leftOut) : []),
    ...labels.flatMap((kind) => labelTasks(`label.${kind.name}`, kind, subjects, source)),
  ];
};

function titleToImage(
  name: string,
  title: string,
  subjects: readonly Subject[],
  leftOut: Record<string, number>,
): Task[] {
  const questions = subjects.map(
    ({ product }): Question => ({
      id: `${product.id}/title`,
      input: textInput(`${product.id}/title`, product.title),
      product,
    }),
  );
  const items = subjects.map(({ id, image }) => ({ id, input: imageInput(id, image) }));
  const attainable = attainableByTitle(subjects.map(({ product }) => product));
  return retrievalTask(name, { title, query: 'title', gallery: 'image + crop' }, questions, items, {
    attainable,
    leftOut,
  });
}

/** The attainable recall is below 1 because products with the same title cannot be told apart. */
function attainableByTitle(products: readonly Product[]): Record<string, number> {
  const sizes = [...groupBy(products, ({ title }) => title).values()].map(({ length }) => length);
  const recall = (k: number) => sizes.reduce((sum, size) => sum + Math.min(size, k), 0) / products.length;
  return { 'R@1': recall(1), 'R@5': recall(5), 'R@10': recall(10) };
}

function equalTitles(task: Task): Task {
  const byTitle = groupBy(task.asks, ({ input }) => (input.kind === 'query' ? input.query.text : ''));
  const golds = [...byTitle.values()].flatMap((asks) =>
    asks.map(({ id }) => [id, asks.flatMap(({ gold }) => gold)] as const),
  );
  const goldOf = new Map(golds);
  const asks = task.asks.map((ask) => ({ ...ask, gold: goldOf.get(ask.id)! }));
  return { ...task, asks, attainable: undefined, query: 'title; every product of equal title is right' };
}

/** The same task without products whose title or image has a duplicate among the training products. */
function withoutKnown(
  subjects: readonly Subject[],
  catalogue: Catalogue,
  pixels: Pixels,
  leftOut: Record<string, number>,
): Task[] {
  const training = new Set(productsOf({ catalogue, split: 'train' }).map(({ id }) => id));
  const asked = new Set(subjects.map(({ id }) => id));
  const compared = catalogue.products.filter(({ id }) => training.has(id) || asked.has(id));
  const pictures = new Map(
    compared.flatMap(({ images: [main] }): [string, Fingerprint][] =>
      main && !pixels.missing.has(main.id) ? [[main.id, fingerprint(pixels.rasterOf({ image: main }))]] : [],
    ),
  );
  const groups = duplicateGroups(compared, pictures);
  const known = new Set(
    groups.filter((group) => group.products.some((id) => training.has(id))).flatMap((group) => group.products),
  );
  const left = subjects.filter(({ id }) => !known.has(id));
  return titleToImage('title-to-image.new', 'title -> image, without near-duplicates of training', left, {
    ...leftOut,
    'title or near-duplicate image in train': subjects.length - left.length,
  });
}
