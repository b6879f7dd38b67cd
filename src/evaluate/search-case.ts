import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Product, ProductImage } from '../data/types.js';
import type { Encoder } from '../encoder/encoder.js';
import { preparePixels } from '../encoder/prepare.js';
import type { GalleryRow } from '../figures/cards/gallery.js';
import { pictureOf } from '../pictures/thumbnail.js';
import { LEVEL } from '../search/stores/check-search.js';
import type { FoundItem } from '../search/stores/vector-store.js';
import { aspectSimilarities } from './aspect-similarities.js';

/** What was searched with, for its card. */
export interface SearchQuery {
  text?: string;
  /** Path of a file, or an image of a catalogue. */
  image?: string | ProductImage;
  /** The item that others are compared with, with its fields. */
  like?: Pick<FoundItem, 'id' | 'fields'>;
  /** [width]; with it and a network, every result says how similar each of its fields is. */
  vector?: Float32Array;
}

export interface SearchCaseOptions {
  /** Products by id, for titles and pictures. Those that are not there are made from the fields of the index. */
  products?: readonly Product[];
  /** Shows core regions, and why each item was found. Without it there are pictures alone. */
  encoder?: Encoder;
  /** Folder that paths in the field `image` start from. Default the working folder. */
  root?: string;
}

/** Longer side of a picture on the page, in pixels. */
const SIDE = 224;

/**
 * A query and what `VectorStore.search` found for it, as a row of `gallery`: pictures with the core regions that the network sees, and below
 * each result how similar the query is to its image, title, category and attributes alone. Pictures that cannot be read are left out.
 */
export async function searchCase(
  query: SearchQuery,
  found: readonly FoundItem[],
  { products = [], encoder, root = '.' }: SearchCaseOptions = {},
): Promise<GalleryRow> {
  const known = new Map(products.map((product) => [product.id, product]));
  const productFor = (item: Pick<FoundItem, 'id' | 'fields'>) => known.get(item.id) ?? productOf(item, root);
  const shown = found.map(productFor);
  const liked = query.like && productFor(query.like);
  const image = typeof query.image === 'string' ? imageAt(resolve(query.image)) : (query.image ?? liked?.images[0]);
  const asked = image ? [{ query: { id: 'query', image }, product: '', split: 'val' as const }] : [];
  const catalogue = { adapter: 'table', root: '', products: shown, pairs: asked, issues: [] };
  const pixels = encoder && (await preparePixels(encoder.config, catalogue));
  const why =
    encoder && pixels && query.vector ? await aspectSimilarities(encoder, query.vector, shown, pixels) : undefined;
  const cardOf = async (picture: ProductImage | undefined, title?: string) => ({
    thumbnail: picture && (await thumbnailOf(picture)),
    box: picture && !pixels?.missing.has(picture.id) ? pixels?.boxOf(picture, title) : undefined,
  });
  return {
    query: { label: labelOf(query, liked), ...(await cardOf(image)) },
    results: await Promise.all(
      found.map(async ({ id, similarity }, at) => {
        const { title, images, category } = shown[at];
        return {
          label: title || id,
          ...(await cardOf(images[0], title)),
          score: similarity,
          below: [
            ...(title ? [id] : []),
            ...(category.length ? [category.join(LEVEL)] : []),
            ...(why?.[at] ?? []).map((own) => `${own.aspect} ${own.similarity.toFixed(3)}`),
          ],
        };
      }),
    ),
  };
}

function labelOf({ text, image }: SearchQuery, liked: Product | undefined): string {
  const picture = image && (typeof image === 'string' ? basename(image) : image.id);
  return [text, picture, liked && `like ${liked.title || liked.id}`].filter(Boolean).join(', ') || 'query';
}

/** A product as the fields of an index describe it. */
function productOf({ id, fields }: Pick<FoundItem, 'id' | 'fields'>, root: string): Product {
  const { title, category, image, ...others } = fields;
  const path = image ? resolve(root, image) : undefined;
  const attributes = Object.entries(others).flatMap(([name, value]) => (value === null ? [] : [[name, [value]]]));
  return {
    id,
    title: title ?? '',
    category: category ? category.split(LEVEL) : [],
    attributes: Object.fromEntries(attributes),
    // A path comes from data: only a plain file is opened.
    images: path && statSync(path, { throwIfNoEntry: false })?.isFile() ? [imageAt(path)] : [],
  };
}

const imageAt = (path: string): ProductImage => ({ id: path, source: { kind: 'file', path } });

async function thumbnailOf(image: ProductImage): Promise<string | undefined> {
  try {
    return (await pictureOf(image, SIDE)).uri;
  } catch {
    return undefined;
  }
}
