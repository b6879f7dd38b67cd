import type { Product } from '../data/types.js';
import type { Encoder } from '../encoder/encoder.js';
import type { Field } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Input } from '../tasks/task.js';
import { embedOnce } from './embed-once.js';

const fields = ['image', 'title', 'category', 'attributes'] as const satisfies Field[];
type Shown = (typeof fields)[number];

/** How similar a query is to one field of a product. */
export interface AspectSimilarity {
  aspect: Shown;
  similarity: number;
}

/**
 * Why a product was found: the cosine of the query with the product read by one of its fields alone, for each field that it has. They do not
 * add up to the similarity of the whole product, in which the fields stand together.
 * @param query [width], of unit length
 */
export async function aspectSimilarities(
  encoder: Encoder,
  query: Float32Array,
  products: readonly Product[],
  pixels: Pixels,
): Promise<AspectSimilarity[][]> {
  const inputs = products.map((product) => inputsOf(encoder, product, pixels));
  const store = await embedOnce(
    encoder,
    inputs.flatMap((own) => own.map(({ input }) => input)),
    pixels,
  );
  return inputs.map((own) => {
    const { vectors, width } = store.of(
      own.map(({ aspect }) => aspect),
      own.map(({ input }) => input),
    );
    return own.map(({ aspect }, row) => ({
      aspect,
      similarity: query.reduce((sum, value, at) => sum + value * vectors[row * width + at], 0),
    }));
  });
}

function inputsOf({ config }: Encoder, product: Product, pixels: Pixels): { aspect: Shown; input: Input }[] {
  const images = config.vision.kind === 'none' ? [] : product.images.filter(({ id }) => !pixels.missing.has(id));
  const has: Record<Shown, boolean> = {
    image: images.length > 0,
    title: product.title.trim() !== '',
    category: product.category.length > 0,
    attributes: Object.keys(product.attributes).length > 0,
  };
  return fields
    .filter((aspect) => has[aspect])
    .map((aspect) => ({
      aspect,
      input: { kind: 'product', product: { ...product, images }, withhold: fields.filter((other) => other !== aspect) },
    }));
}
