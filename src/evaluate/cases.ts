import { thumbnail } from '../data/thumbnail.js';
import type { Catalogue, ProductImage } from '../data/types.js';
import type { MapPoint } from '../figures/embedding-map.js';
import type { GalleryRow } from '../figures/gallery.js';
import type { Pixels } from '../train/pixels.js';
import type { Rank } from './ranks.js';
import type { RetrievalResult } from './retrieval.js';

export interface CaseOptions {
  /** Queries, evenly spread over the ranks, so that nobody picks the nice ones. Default 12. */
  count?: number;
  /** Products shown a query, at most 10. Default 5. */
  top?: number;
}

/** Photo queries with the products nearest to them, with thumbnails, for `gallery`. Of chosen ranks give `count: ranks.length`. */
export async function retrievalCases(
  ranks: readonly Rank[],
  catalogue: Catalogue,
  pixels: Pixels,
  { count = 12, top = 5 }: CaseOptions = {},
): Promise<GalleryRow[]> {
  const { productOf, photoOf, thumbnailOf } = lookUp(catalogue, pixels);
  const every = Math.max(1, Math.ceil(ranks.length / count));
  return Promise.all(
    ranks
      .filter((_, at) => at % every === 0)
      .map(async (rank): Promise<GalleryRow> => {
        const photo = photoOf.get(rank.query)!;
        const { title } = productOf.get(rank.gold)!;
        return {
          query: { label: title, thumbnail: await thumbnailOf(photo), box: pixels.boxOf(photo) },
          rank: rank.before + 1,
          results: await Promise.all(
            rank.top.slice(0, top).map(async ({ id, similarity }) => {
              const { title, images } = productOf.get(id)!;
              return {
                label: title,
                thumbnail: await thumbnailOf(images[0]),
                score: similarity,
                hit: id === rank.gold,
              };
            }),
          ),
        };
      }),
  );
}

/** All products and photos of a result as one set of vectors, row by row: what `layoutMap` lays out and `mapPoints` names. */
export function mapVectors({ items, queries }: Pick<RetrievalResult, 'items' | 'queries'>): {
  vectors: Float32Array;
  count: number;
  width: number;
} {
  const vectors = new Float32Array(items.vectors.length + queries.vectors.length);
  vectors.set(items.vectors);
  vectors.set(queries.vectors, items.vectors.length);
  return { vectors, count: items.ids.length + queries.ids.length, width: items.width };
}

/**
 * The same rows as points of `embeddingMap`: products, then photos, coloured by the top level of their category, with thumbnails.
 * @param coordinates of `layoutMap`, [rows, 2]
 */
export async function mapPoints(
  { items, queries, ranks }: Pick<RetrievalResult, 'items' | 'queries' | 'ranks'>,
  coordinates: Float32Array,
  catalogue: Catalogue,
  pixels: Pixels,
): Promise<MapPoint[]> {
  const { productOf, photoOf, thumbnailOf } = lookUp(catalogue, pixels);
  const shown = [
    ...items.ids.map((id) => ({ kind: 'product', product: productOf.get(id)!, image: productOf.get(id)!.images[0] })),
    ...queries.ids.map((id, at) => ({
      kind: 'photo',
      product: productOf.get(ranks[at].gold)!,
      image: photoOf.get(id),
    })),
  ];
  return Promise.all(
    shown.map(async ({ kind, product, image }, at) => ({
      x: coordinates[2 * at],
      y: coordinates[2 * at + 1],
      label: product.title,
      group: product.category[0] ?? 'no category',
      kind,
      ...(image && { thumbnail: await thumbnailOf(image) }),
    })),
  );
}

function lookUp(catalogue: Catalogue, pixels: Pixels) {
  const made = new Map<string, Promise<string>>();
  return {
    productOf: new Map(catalogue.products.map((product) => [product.id, product])),
    photoOf: new Map(catalogue.pairs.flatMap(({ query }) => (query.image ? [[query.id, query.image] as const] : []))),
    thumbnailOf(image: ProductImage): Promise<string> {
      const known = made.get(image.id) ?? thumbnail(pixels.rasterOf({ image }));
      made.set(image.id, known);
      return known;
    },
  };
}
