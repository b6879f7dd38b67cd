import { UserError } from '../checks/error.js';
import type { Catalogue, Product, ProductImage, Query } from '../data/types.js';
import { productSequence, querySequence } from '../moon/sequence.js';
import type { Embeddings } from '../search/embeddings.js';
import { type EmbedOptions, embedSequences } from './embed.js';
import { type Encoder, sequenceOptions } from './encoder.js';
import { preparePixels } from './prepare.js';

/**
 * What a network can embed: a whole product, or a query of an image, a text, or both. An image may be the path of a file.
 * @example
 * ```ts
 * const inputs: moon.EmbedInput[] = [
 *   { id: 'photo', image: 'photos/apple.jpg' },
 *   { id: 'words', text: 'green apple' },
 *   { id: 'both', image: 'photos/apple.jpg', text: 'the same in red' },
 * ];
 * ```
 */
export type EmbedInput = Product | { id: string; image?: string | ProductImage; text?: string };

/**
 * Embed products and queries from wherever they come: their images are read and their core regions found first. One unit vector an input,
 * in the order given.
 * @throws UserError naming an input that shows nothing, or an image that cannot be read
 * @example
 * ```ts
 * const encoder = moon.loadBest('runs/start/seed-1');
 * const photos = [{ id: 'a', image: 'a.jpg' }, { id: 'b', image: 'b.jpg' }];
 * const queries = await moon.embed(encoder, photos);
 * const { products } = moon.search.readEmbeddings('runs/start/seed-1');
 * console.log(moon.search.nearestItems(queries, products, 10));
 * ```
 */
export async function embed(
  encoder: Encoder,
  inputs: readonly EmbedInput[],
  options: EmbedOptions = {},
): Promise<Embeddings> {
  const known = inputs.map((input) => ('images' in input ? { product: input } : { query: queryOf(input) }));
  const products = known.flatMap(({ product }) => product ?? []);
  const pairs = known.flatMap(({ query }) => (query ? [{ query, product: '', split: 'val' as const }] : []));
  const catalogue: Catalogue = { adapter: 'table', root: '', products, pairs, issues: [] };
  const pixels = await preparePixels(encoder.config, catalogue, { signal: options.signal });
  for (const [id, reason] of pixels.missing) throw new UserError(`${id}: ${reason}`);
  const read = sequenceOptions(encoder, pixels);
  const sequences = known.map(({ product, query }) =>
    product ? productSequence(product, read) : querySequence(query!, read),
  );
  return embedSequences(encoder, sequences, pixels, options);
}

function queryOf({ id, image, text }: Exclude<EmbedInput, Product>): Query {
  const own = typeof image === 'string' ? { id: image, source: { kind: 'file' as const, path: image } } : image;
  return { id, ...(own ? { image: own } : {}), ...(text ? { text } : {}) };
}
