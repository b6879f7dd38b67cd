import { productItems } from './retrieval-task.js';
import { photosOf, productsOf } from './subjects.js';
import { imageInput, type Protocol, slicesOf } from './task.js';
import { showsSomething, textOnly } from './withhold.js';

/**
 * Alignment of pictures and texts: each photo of the split beside the texts of its product and of the others. Made where it is requested by name.
 */
export const alignmentTask: Protocol = (source) => {
  if (!(source.isWanted?.('alignment') ?? false)) return [];
  const described = productsOf(source).filter((product) => showsSomething(product, textOnly));
  const known = new Set(described);
  const photos = photosOf(source).filter(({ product }) => known.has(product));
  if (!photos.length || described.length < 2) return [];
  return [
    {
      name: 'alignment',
      title: 'photo and text of a product, cosine above others',
      kind: 'alignment',
      query: 'image + crop',
      gallery: 'title, category, attributes',
      asks: photos.map(({ id, image, product }) => {
        const input = imageInput(id, image);
        return { id, input, gold: [product.id], product: product.id, slices: slicesOf(input, product) };
      }),
      items: productItems(described, textOnly),
    },
  ];
};
