import type { Catalogue, ProductImage, Split } from '../../data/types.js';
import { productFields } from '../../search/stores/product-fields.js';
import type { EmbeddedInput } from '../../tasks/task.js';

/** Something to embed, with the fields that stand beside its vector. */
export interface EmbedRow {
  id: string;
  input: EmbeddedInput;
  fields: Record<string, string | null>;
}

/** Names of the fields of queries, in their order. */
export const queryFields = ['text', 'image', 'products'] as const;

/** All products of a catalogue, with their fields (`productFields`). */
export function productRows({ products }: Pick<Catalogue, 'products'>): EmbedRow[] {
  return products.map((product) => ({
    id: product.id,
    input: { kind: 'product', product },
    fields: productFields(product),
  }));
}

/** The queries of a split, each once; `products` lists what was bought, as JSON. */
export function queryRows({ pairs }: Pick<Catalogue, 'pairs'>, split: Split): EmbedRow[] {
  const bought = new Map<string, Set<string>>();
  const queries = new Map(
    pairs.flatMap(({ query, product, split: own }) => {
      if (own !== split) return [];
      bought.set(query.id, (bought.get(query.id) ?? new Set()).add(product));
      return [[query.id, query] as const];
    }),
  );
  return [...queries.values()].map((query) => ({
    id: query.id,
    input: { kind: 'query', query },
    fields: {
      text: query.text || null,
      image: query.image?.source.kind === 'file' ? query.image.source.path : null,
      products: JSON.stringify([...bought.get(query.id)!]),
    } satisfies Record<(typeof queryFields)[number], string | null>,
  }));
}

/** The catalogue of these rows alone, whose pictures are to be read. */
export function catalogueOf(rows: readonly EmbedRow[], { pairs: _, products: __, ...rest }: Catalogue): Catalogue {
  const inputs = rows.map(({ input }) => input);
  return {
    ...rest,
    products: inputs.flatMap((input) => (input.kind === 'product' ? input.product : [])),
    pairs: inputs.flatMap((input) =>
      input.kind === 'query' ? { query: input.query, product: '', split: 'val' as const } : [],
    ),
  };
}

/** An input without the pictures that could not be read. */
export function withoutPictures(input: EmbeddedInput, missing: ReadonlyMap<string, string>): EmbeddedInput {
  const isThere = ({ id }: ProductImage) => !missing.has(id);
  if (input.kind === 'product')
    return { ...input, product: { ...input.product, images: input.product.images.filter(isThere) } };
  const { image, ...query } = input.query;
  return { kind: 'query', query: image && isThere(image) ? { ...query, image } : query };
}
