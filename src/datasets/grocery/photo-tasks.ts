import { productItems, type Question, retrievalTask } from '../../tasks/retrieval-task.js';
import { photosOf } from '../../tasks/subjects.js';
import { imageInput, type Protocol, type TaskSource } from '../../tasks/task.js';
import { imageOnly, titleOnly } from '../../tasks/withhold.js';

/**
 * G1, which contains the headline: match a new photo of a known product against the full products, or against their iconic images, titles
 * or training photos alone.
 */
export const photoTasks: Protocol = (source) => {
  const { products } = source.catalogue;
  const questions = photoQuestions(source);
  const trainingPhotos = products.flatMap(({ id, images }) =>
    images.slice(1).map((image) => ({ id, input: imageInput(image.id, image) })),
  );
  const query = 'photo + crop';
  const row = (name: string, title: string, gallery: string, items: ReturnType<typeof productItems>) =>
    retrievalTask(name, { title, query, gallery }, questions, items);
  // If a product had no training photo, its queries could not be answered.
  const everyProduct = products.every(({ images }) => images.length > 1);
  return [
    ...row('g1.full', 'photo -> product', 'iconic image + crop, title, category, attributes', productItems(products)),
    ...row('g1.iconic', 'photo -> picture of a product', 'iconic image + crop', productItems(products, imageOnly)),
    ...row('g1.title', 'photo -> title of a product', 'title', productItems(products, titleOnly)),
    ...(everyProduct
      ? row(
          'g1.photos',
          'photo -> photos of a product',
          'training photos, the nearest of a product counts',
          trainingPhotos,
        )
      : []),
  ];
};

/** All photos of the split as image-form queries. */
export function photoQuestions(source: TaskSource): Question[] {
  return photosOf(source).map(({ id, image, product }) => ({ id, input: imageInput(id, image), product }));
}
