import { UserError, wrongOption } from '../checks/error.js';
import type { Catalogue, Product, ProductImage } from '../data/types.js';
import type { GalleryResult, GalleryRow } from '../figures/cards/gallery.js';
import type { MapPoint } from '../figures/maps/embedding-map.js';
import type { Pixels } from '../pictures/picture-store.js';
import { thumbnail } from '../pictures/thumbnail.js';
import type { RetrievalResult } from './retrieval.js';
import type { Row } from './task-result.js';

export interface CaseOptions {
  /** Number of queries, evenly spaced over the given rows, so that they are not cherry-picked. Default 12. */
  count?: number;
  /** Number of products shown per query, at most 10. Default 5. */
  top?: number;
}

/**
 * Photo queries with their nearest products, for `gallery`. To show chosen rows, set `count: rows.length`. Ranks are expected ranks, with
 * ties broken at random. A product without readable images has no thumbnail.
 */
export async function retrievalCases(
  rows: readonly Row[],
  catalogue: Catalogue,
  pixels: Pixels,
  { count = 12, top = 5 }: CaseOptions = {},
): Promise<GalleryRow[]> {
  const { photoOf, thumbnailOf, titleOf, result } = cardsOf(catalogue, pixels);
  const every = Math.max(1, Math.ceil(rows.length / count));
  return Promise.all(
    rows
      .filter((_, at) => at % every === 0)
      .map(async (row): Promise<GalleryRow> => {
        const photo = photoOf.get(row.query);
        const found = row.top.slice(0, top);
        return {
          query: {
            label: titleOf(row.product),
            thumbnail: await thumbnailOf(photo),
            box: photo && pixels.boxOf(photo),
          },
          rank: row.rank,
          results: await Promise.all(found.map(({ id, similarity }) => result(id, similarity, row.gold.includes(id)))),
        };
      }),
  );
}

/** Stack the vectors of all products and photos of a result, row by row: the input of `layoutMap`, in the order of `mapPoints`. */
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
  /** Attributes that can determine the colour instead of the category. Default none. */
  fields?: readonly string[];
  /** Rows of `mapVectors` to give, such as the landmarks of `layoutMap`. Default all. */
  rows?: ArrayLike<number>;
}

/**
 * The rows of `mapVectors` as points of `embeddingMap`: products, then photos, with thumbnails. They are coloured by top-level category, or
 * by the first value of an attribute that the reader chooses.
 * @param coordinates of all rows from `layoutMap`, [rows, 2] or [rows, 3]
 * @throws UserError for coordinates of another number of rows, or an attribute that no product has
 */
export async function mapPoints(
  { embeddings: { items, queries }, rows: asked }: Pick<RetrievalResult, 'embeddings' | 'rows'>,
  coordinates: Float32Array,
  catalogue: Catalogue,
  pixels: Pixels,
  { fields = [], rows }: MapPointOptions = {},
): Promise<MapPoint[]> {
  const { productOf, photoOf, imageOf, thumbnailOf } = cardsOf(catalogue, pixels);
  const count = items.ids.length + queries.ids.length;
  const dimensions = coordinates.length / count;
  if (dimensions !== 2 && dimensions !== 3)
    throw new UserError(
      `mapPoints: got ${coordinates.length} coordinates for ${items.ids.length} products and ${queries.ids.length} photos, expected two or three for each. Pass the coordinates of layoutMap.`,
    );
  const unknown = fields.find((field) => !catalogue.products.some(({ attributes }) => attributes[field]?.length));
  if (unknown !== undefined)
    throw new UserError(`mapPoints: got the field "${unknown}", expected an attribute that products have.`);
  const drawn = rows ? Array.from(rows) : Array.from({ length: count }, (_, row) => row);
  const outside = drawn.find((row) => !(Number.isInteger(row) && row >= 0 && row < count));
  if (outside !== undefined) throw wrongOption('rows', outside, `integers from 0 to ${count - 1}`);
  const shown = (row: number) => {
    if (row < items.ids.length) {
      const product = productOf.get(items.ids[row])!;
      return { kind: 'product', product, image: imageOf(product) };
    }
    const query = row - items.ids.length;
    return { kind: 'photo', product: productOf.get(asked[query].product)!, image: photoOf.get(queries.ids[query]) };
  };
  return Promise.all(
    drawn.map(async (row) => {
      const { kind, product, image } = shown(row);
      return {
        x: coordinates[dimensions * row],
        y: coordinates[dimensions * row + 1],
        ...(dimensions === 3 && { z: coordinates[3 * row + 2] }),
        label: product.title,
        group: product.category[0] ?? 'no category',
        kind,
        ...(fields.length && { fields: fieldsOf(product, fields) }),
        thumbnail: await thumbnailOf(image),
      };
    }),
  );
}

/** The first value of each attribute, without attributes that the product lacks. */
function fieldsOf({ attributes }: Product, fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap((field) => (attributes[field]?.length ? [[field, attributes[field][0]]] : [])),
  );
}

/** What cards show of the products and photos of a catalogue. */
export function cardsOf(catalogue: Catalogue, pixels: Pixels) {
  const made = new Map<string, Promise<string>>();
  const productOf = new Map(catalogue.products.map((product) => [product.id, product]));
  /** The image that the model saw: the first readable one. */
  const imageOf = ({ images }: Product) => images.find(({ id }) => !pixels.missing.has(id));
  /** Of a product; the id of anything else, such as a label. */
  const titleOf = (id: string): string => productOf.get(id)?.title ?? id;
  async function thumbnailOf(image: ProductImage | undefined): Promise<string | undefined> {
    if (!image || pixels.missing.has(image.id)) return undefined;
    const known = made.get(image.id) ?? thumbnail(pixels.rasterOf({ image }));
    made.set(image.id, known);
    return known;
  }
  return {
    productOf,
    photoOf: new Map(catalogue.pairs.flatMap(({ query }) => (query.image ? [[query.id, query.image] as const] : []))),
    imageOf,
    titleOf,
    thumbnailOf,
    /** A product that was found, or something else by its id. */
    async result(id: string, score: number, hit: boolean): Promise<GalleryResult> {
      const product = productOf.get(id);
      return { label: titleOf(id), thumbnail: await thumbnailOf(product && imageOf(product)), score, hit };
    },
  };
}
