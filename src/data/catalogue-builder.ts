import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataFolder, openFolder } from '../store/inside-folder.js';
import { countedIssues } from './counted-issues.js';
import { cannotKeep, keepEmbedded } from './images/embedded-image.js';
import { type ImageIndex, indexImages } from './images/image-index.js';
import { cachedImage, isRemote, type RemoteImage } from './images/remote-image.js';
import type { NeighbourCheck } from './neighbour-check.js';
import type { ColumnMap } from './tables/columns.js';
import { excerpt } from './tables/json.js';
import { decodeText, type NoteLine } from './tables/text-blocks.js';
import type { Catalogue, DataIssue, Pair, Product, ProductImage, Split } from './types.js';

/** A position in the data. */
export interface Place {
  /** Relative to the data folder. */
  file: string;
  /** 1-based. */
  line?: number;
}

/** A catalogue with the positions that its parts were read from, so that problems found later are reported with their line. */
export interface Reading {
  catalogue: Catalogue;
  /** Image id -> the first row that names it. */
  imagePlaces: Map<string, Place>;
  /** Product id -> its row. */
  productPlaces: Map<string, Place>;
  /** Images that rows refer to by URL, fetched or not; one entry per row. */
  remoteImages: RemoteImage[];
  /** The column mapping that was used for a table. */
  columns?: ColumnMap;
  /** The known layout of a table, in place of a mapping. */
  layout?: string;
  /** Precomputed checks of the dev split that come with the data. */
  neighbours?: NeighbourCheck[];
}

/** Collects the products, pairs and issues that an adapter reads. */
export interface CatalogueBuilder {
  folder: DataFolder;
  /** By id, in the order in which they were added. */
  products: ReadonlyMap<string, Product>;
  add(product: Product, place: Place): void;
  pairs: Pair[];
  note(kind: string, place: Place, message: string): void;
  /** `note` bound to one file, in the form that the table readers expect. */
  noteIn(file: string): NoteLine;
  /** Read a small text file completely. If it cannot be read, records an issue at `place` and returns undefined. */
  text(name: string, place: Place): Promise<string | undefined>;
  /**
   * Find the first of these image names that exists, or else an image anywhere below the folder that the first name means (`ImageIndex`). If
   * there is none, records an issue and returns undefined. A name is a path relative to the folder, or a URL whose image `data fetch` has
   * downloaded or whose file is there.
   * @param use set `leavesOutQuery` if the image is the only content of a query: the issue then counts a pair that is left out
   */
  image(names: string[], place: Place, use?: Pick<DataIssue, 'leavesOutQuery'>): Promise<ProductImage | undefined>;
  /** Whether `image` would find one of these names. */
  hasImage(names: string[]): Promise<boolean>;
  /** The images below the folder that belong to a product by its id (`ImageIndex.ofId`). */
  imagesOfId(id: string, place: Place): Promise<ProductImage[]>;
  /** An image that stands in the data itself. If it cannot be kept, records an issue and returns undefined. */
  embeddedImage(id: string, bytes: Uint8Array, place: Place): Promise<ProductImage | undefined>;
  finish(): Reading;
}

const problems = {
  missing: 'is missing',
  'outside-folder': 'lies outside the data folder and is not read',
  'not-a-file': 'is not a file',
};

/**
 * Create a builder for the data in a folder.
 * @throws UserError if the folder cannot be opened
 */
export async function startCatalogue(adapter: string, path: string, followed?: string): Promise<CatalogueBuilder> {
  const folder = await openFolder(path, followed);
  const issues = countedIssues();
  const products = new Map<string, Product>();
  const pairs: Pair[] = [];
  const imagePlaces = new Map<string, Place>();
  const productPlaces = new Map<string, Place>();
  const remoteImages: RemoteImage[] = [];
  const note: CatalogueBuilder['note'] = (kind, place, message) => issues.add({ ...place, kind, message });

  const noteIn: CatalogueBuilder['noteIn'] = (file) => (kind, line, message) => note(kind, { file, line }, message);

  /** @param lost further fields of the issue if nothing is found */
  async function find(
    what: 'image' | 'file',
    names: string[],
    place: Place,
    lost: Partial<DataIssue> = {},
  ): Promise<string | undefined> {
    const found = await Promise.all(names.map(folder.find));
    for (const each of found) if ('path' in each) return each.path;
    if (what === 'image') {
      const path = await elsewhere(names[0], place);
      if (path) return path;
    }
    const reasons = found.flatMap((each) => ('problem' in each ? each.problem : []));
    const problem = reasons.find((reason) => reason !== 'missing') ?? 'missing';
    const kind = problem === 'missing' ? `missing-${what}` : problem;
    issues.add({ ...place, kind, message: `${what} ${excerpt(names[0])} ${problems[problem]}`, ...lost });
    return undefined;
  }

  let index: Promise<ImageIndex> | undefined;
  const images = () => {
    index ??= indexImages(folder);
    return index;
  };

  /** An image that stands elsewhere below the folder. */
  async function elsewhere(name: string, place: Place): Promise<string | undefined> {
    const [first, ...more] = (await images()).named(name);
    if (more.length) {
      const others = more.length > 2 ? `${more.length} others` : more.map((each) => excerpt(each)).join(', ');
      note('ambiguous-image', place, `image ${excerpt(name)} is read from ${excerpt(first)}, and could be ${others}`);
    }
    return first === undefined ? undefined : join(folder.root, first);
  }

  async function findFetched(url: string, place: Place, lost: Partial<DataIssue>): Promise<string | undefined> {
    remoteImages.push({ url, ...place });
    const found = await folder.find(cachedImage(url));
    if ('path' in found) return found.path;
    const here = await elsewhere(url, place);
    if (here) return here;
    const message = `image ${excerpt(url)} is not downloaded yet; run \`moon-lab data fetch\``;
    issues.add({ ...place, kind: 'not-fetched', message, ...lost });
    return undefined;
  }

  /** An image of a file; the first row that names it is its place. */
  function imageOf(id: string, path: string, place: Place): ProductImage {
    if (!imagePlaces.has(id)) imagePlaces.set(id, place);
    return { id, source: { kind: 'file', path } };
  }

  return {
    folder,
    products,
    add(product, place) {
      products.set(product.id, product);
      productPlaces.set(product.id, place);
    },
    pairs,
    note,
    noteIn,
    async text(name, place) {
      const path = await find('file', [name], place);
      return path && decodeText(await readFile(path), 1, noteIn(name));
    },
    async image(names, place, use) {
      const lost = { image: names[0], ...use };
      const path = isRemote(names[0])
        ? await findFetched(names[0], place, lost)
        : await find('image', names, place, lost);
      return path === undefined ? undefined : imageOf(folder.nameOf(path), path, place);
    },
    async hasImage(names) {
      const places = isRemote(names[0]) ? [cachedImage(names[0])] : names;
      const found = await Promise.all(places.map(folder.find));
      return found.some((each) => 'path' in each) || (await images()).named(names[0]).length > 0;
    },
    async imagesOfId(id, place) {
      return (await images()).ofId(id).map((name) => imageOf(name, join(folder.root, name), place));
    },
    async embeddedImage(id, bytes, place) {
      const path = await keepEmbedded(folder.root, bytes);
      if (path) return imageOf(id, path, place);
      issues.add({ ...place, kind: 'missing-image', message: `image ${excerpt(id)} ${cannotKeep}`, image: id });
      return undefined;
    },
    finish: () => ({
      catalogue: {
        adapter,
        root: folder.root,
        products: [...products.values()],
        pairs,
        issues: issues.all(),
      },
      imagePlaces,
      productPlaces,
      remoteImages,
    }),
  };
}

/** A pair with the title as the text query for its own product, for data without queries. */
export function titlePair({ id, title }: Product, split: Split): Pair {
  return { query: { id: `${id}/title`, text: title }, product: id, split };
}
