import { readFile } from 'node:fs/promises';
import { type DataFolder, openFolder } from '../store/inside-folder.js';
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
   * Find the first of these image names that exists. If none does, records an issue and returns undefined. A name is a path relative to the
   * folder, or a URL whose image `data fetch` has downloaded.
   * @param use set `leavesOutQuery` if the image is the only content of a query: the issue then counts a pair that is left out
   */
  image(names: string[], place: Place, use?: Pick<DataIssue, 'leavesOutQuery'>): Promise<ProductImage | undefined>;
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
export async function startCatalogue(adapter: string, path: string): Promise<CatalogueBuilder> {
  const folder = await openFolder(path);
  const issues: DataIssue[] = [];
  const products = new Map<string, Product>();
  const pairs: Pair[] = [];
  const imagePlaces = new Map<string, Place>();
  const productPlaces = new Map<string, Place>();
  const remoteImages: RemoteImage[] = [];
  const note: CatalogueBuilder['note'] = (kind, place, message) => void issues.push({ ...place, kind, message });

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
    const reasons = found.flatMap((each) => ('problem' in each ? each.problem : []));
    const problem = reasons.find((reason) => reason !== 'missing') ?? 'missing';
    const kind = problem === 'missing' ? `missing-${what}` : problem;
    issues.push({ ...place, kind, message: `${what} ${excerpt(names[0])} ${problems[problem]}`, ...lost });
    return undefined;
  }

  async function findFetched(url: string, place: Place, lost: Partial<DataIssue>): Promise<string | undefined> {
    remoteImages.push({ url, ...place });
    const found = await folder.find(cachedImage(url));
    if ('path' in found) return found.path;
    const message = `image ${excerpt(url)} is not downloaded yet; run \`moon-lab data fetch\``;
    issues.push({ ...place, kind: 'not-fetched', message, ...lost });
    return undefined;
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
      if (!path) return undefined;
      const id = folder.nameOf(path);
      if (!imagePlaces.has(id)) imagePlaces.set(id, place);
      return { id, source: { kind: 'file', path } };
    },
    finish: () => ({
      catalogue: { adapter, root: folder.root, products: [...products.values()], pairs, issues },
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
