import { UserError } from '../checks/error.js';
import type { Catalogue, Product, ProductImage } from '../data/types.js';
import type { GalleryRow } from '../figures/cards/gallery.js';
import type { MapPoint } from '../figures/maps/embedding-map.js';
import type { Pixels } from '../pictures/picture-store.js';
import { thumbnail } from '../pictures/thumbnail.js';
import type { RetrievalResult } from './retrieval.js';
import type { Row } from './task-result.js';

export interface CaseOptions {
  /** Queries, evenly spread over the ranks, so that nobody picks the nice ones. Default 12. */
  count?: number;
  /** Products shown a query, at most 10. Default 5. */
  top?: number;
}

/**
 * Photo queries with the products nearest to them, for `gallery`. Of chosen rows give `count: rows.length`. Ranks are expected ranks:
 * ties are broken at random. A product whose images are missing stands there without a thumbnail.
 */
export async function retrievalCases(
  rows: readonly Row[],
  catalogue: Catalogue,
  pixels: Pixels,
  { count = 12, top = 5 }: CaseOptions = {},
): Promise<GalleryRow[]> {
  const { productOf, photoOf, imageOf, thumbnailOf } = lookUp(catalogue, pixels);
  const every = Math.max(1, Math.ceil(rows.length / count));
  return Promise.all(
    rows
      .filter((_, at) => at % every === 0)
      .map(async (row): Promise<GalleryRow> => {
        const photo = photoOf.get(row.query);
        const { title } = productOf.get(row.product)!;
        return {
          query: { label: title, thumbnail: await thumbnailOf(photo), box: photo && pixels.boxOf(photo) },
          rank: row.rank,
          results: await Promise.all(
            row.top.slice(0, top).map(async ({ id, similarity }) => {
              const product = productOf.get(id)!;
              return {
                label: product.title,
                thumbnail: await thumbnailOf(imageOf(product)),
                score: similarity,
                hit: row.gold.includes(id),
              };
            }),
          ),
        };
      }),
  );
}

/** All products and photos of a result as one set of vectors, row by row: what `layoutMap` lays out and `mapPoints` names. */
export function mapVectors({ embeddings: { items, queries } }: Pick<RetrievalResult, 'embeddings'>): {
  vectors: Float32Array;
  count: number;
  width: number;
} {
  const vectors = new Float32Array(items.vectors.length + queries.vectors.length);
  vectors.set(items.vectors);
  vectors.set(queries.vectors, items.vectors.length);
  return { vectors, count: items.ids.length + queries.ids.length, width: items.width };
}

export interface MapPointOptions {
  /** Attributes that can give the colour instead of the category. None. */
  fields?: readonly string[];
}

/**
 * The same rows as points of `embeddingMap`: products, then photos, coloured by the top level of their category or, where the reader
 * asks for it, by the first value of an attribute; with thumbnails.
 * @param coordinates of `layoutMap`, [rows, 2] or [rows, 3]
 * @throws UserError for coordinates of other rows, or an attribute that no product has
 */
export async function mapPoints(
  { embeddings: { items, queries }, rows }: Pick<RetrievalResult, 'embeddings' | 'rows'>,
  coordinates: Float32Array,
  catalogue: Catalogue,
  pixels: Pixels,
  { fields = [] }: MapPointOptions = {},
): Promise<MapPoint[]> {
  const { productOf, photoOf, imageOf, thumbnailOf } = lookUp(catalogue, pixels);
  const dimensions = coordinates.length / (items.ids.length + queries.ids.length);
  if (dimensions !== 2 && dimensions !== 3)
    throw new UserError(
      `mapPoints: got ${coordinates.length} coordinates for ${items.ids.length} products and ${queries.ids.length} photos, expected two or three of each: those of layoutMap.`,
    );
  const unknown = fields.find((field) => !catalogue.products.some(({ attributes }) => attributes[field]?.length));
  if (unknown !== undefined) throw new UserError(`mapPoints: got the field "${unknown}", which no product has.`);
  const shown = [
    ...items.ids.map((id) => ({ kind: 'product', product: productOf.get(id)!, image: imageOf(productOf.get(id)!) })),
    ...queries.ids.map((id, at) => ({
      kind: 'photo',
      product: productOf.get(rows[at].product)!,
      image: photoOf.get(id),
    })),
  ];
  return Promise.all(
    shown.map(async ({ kind, product, image }, at) => ({
      x: coordinates[dimensions * at],
      y: coordinates[dimensions * at + 1],
      ...(dimensions === 3 && { z: coordinates[3 * at + 2] }),
      label: product.title,
      group: product.category[0] ?? 'no category',
      kind,
      ...(fields.length && { fields: fieldsOf(product, fields) }),
      thumbnail: await thumbnailOf(image),
    })),
  );
}

/** The first value of each attribute; what a product does not say is left out. */
function fieldsOf({ attributes }: Product, fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap((field) => (attributes[field]?.length ? [[field, attributes[field][0]]] : [])),
  );
}

function lookUp(catalogue: Catalogue, pixels: Pixels) {
  const made = new Map<string, Promise<string>>();
  return {
    productOf: new Map(catalogue.products.map((product) => [product.id, product])),
    photoOf: new Map(catalogue.pairs.flatMap(({ query }) => (query.image ? [[query.id, query.image] as const] : []))),
    /** The image that the network saw: the first that could be read. */
    imageOf: ({ images }: Product) => images.find(({ id }) => !pixels.missing.has(id)),
    async thumbnailOf(image: ProductImage | undefined): Promise<string | undefined> {
      if (!image || pixels.missing.has(image.id)) return undefined;
      const known = made.get(image.id) ?? thumbnail(pixels.rasterOf({ image }));
      made.set(image.id, known);
      return known;
    },
  };
}
