import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataFolder, openFolder } from '../store/inside-folder.js';
import { countedIssues } from './counted-issues.js';
import { cannotKeep, keepEmbedded } from './images/embedded-image.js';
import { type FoundImage, imageFinder } from './images/find-image.js';
import { isRemote, type RemoteImage } from './images/remote-image.js';
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

type ImageUse = Pick<DataIssue, 'leavesOutQuery'>;

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
   * Find an image by one of its names (`ImageFinder.find`). If there is none, records an issue and returns undefined.
   * @param use set `leavesOutQuery` if the image is the only content of a query: the issue then counts a pair that is left out
   */
  image(names: string[], place: Place, use?: ImageUse): Promise<ProductImage | undefined>;
  /** The first half of `image`: where it is. Records nothing. */
  findImage(names: string[]): Promise<FoundImage>;
  /** The second half of `image`. */
  takeImage(found: FoundImage, place: Place, use?: ImageUse): ProductImage | undefined;
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

const nowhere = (what: 'image' | 'file', name: string, problem: keyof typeof problems) => ({
  kind: problem === 'missing' ? `missing-${what}` : problem,
  message: `${what} ${excerpt(name)} ${problems[problem]}`,
});

const notFetched = (url: string) => ({
  kind: 'not-fetched',
  message: `image ${excerpt(url)} is not downloaded yet; run \`moon-lab data fetch\``,
});

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

  const images = imageFinder(folder);

  /** An image of a file; the first row that names it is its place. */
  function imageOf(id: string, path: string, place: Place): ProductImage {
    if (!imagePlaces.has(id)) imagePlaces.set(id, place);
    return { id, source: { kind: 'file', path } };
  }

  const takeImage: CatalogueBuilder['takeImage'] = (found, place, use) => {
    const { name, others = [] } = found;
    if (isRemote(name)) remoteImages.push({ url: name, ...place });
    if ('problem' in found) {
      const issue = isRemote(name) ? notFetched(name) : nowhere('image', name, found.problem);
      issues.add({ ...place, ...issue, image: name, ...use });
      return undefined;
    }
    const id = folder.nameOf(found.path);
    if (others.length) {
      const shown = others.length > 2 ? `${others.length} others` : others.map((each) => excerpt(each)).join(', ');
      note('ambiguous-image', place, `image ${excerpt(name)} is read from ${excerpt(id)}, and could be ${shown}`);
    }
    return imageOf(id, found.path, place);
  };

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
      const found = await folder.find(name);
      if ('path' in found) return decodeText(await readFile(found.path), 1, noteIn(name));
      issues.add({ ...place, ...nowhere('file', name, found.problem) });
      return undefined;
    },
    image: async (names, place, use) => takeImage(await images.find(names), place, use),
    findImage: images.find,
    takeImage,
    async imagesOfId(id, place) {
      return (await images.ofId(id)).map((name) => imageOf(name, join(folder.root, name), place));
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
