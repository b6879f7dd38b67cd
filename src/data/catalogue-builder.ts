import { readFile } from 'node:fs/promises';
import { type DataFolder, openFolder } from '../store/inside-folder.js';
import { cachedImage, isRemote, type RemoteImage } from './images/remote-image.js';
import type { NeighbourCheck } from './neighbour-check.js';
import type { ColumnMap } from './tables/columns.js';
import { excerpt } from './tables/json.js';
import { decodeText, type NoteLine } from './tables/text-blocks.js';
import type { Catalogue, DataIssue, Pair, Product, ProductImage, Split } from './types.js';

/** Where in the data something stands. */
export interface Place {
  /** Relative to the data folder. */
  file: string;
  /** 1-based. */
  line?: number;
}

/** A catalogue and where its parts come from: what is found out later is reported with its line. */
export interface Reading {
  catalogue: Catalogue;
  /** Image id -> the first row that names it. */
  imagePlaces: Map<string, Place>;
  /** Product id -> its row. */
  productPlaces: Map<string, Place>;
  /** Images that rows name by URL, fetched or not; one entry a row. */
  remoteImages: RemoteImage[];
  /** How the columns of a table were understood. */
  columns?: ColumnMap;
  /** Checks of the dev split that came with the data. */
  neighbours?: NeighbourCheck[];
}

/** What an adapter fills while it reads. */
export interface CatalogueBuilder {
  folder: DataFolder;
  /** By id, in the order of the data. */
  products: ReadonlyMap<string, Product>;
  add(product: Product, place: Place): void;
  pairs: Pair[];
  note(kind: string, place: Place, message: string): void;
  /** `note` for one file, as the readers of that file want it. */
  noteIn(file: string): NoteLine;
  /** The whole of a small text file; undefined and an issue where `place` names a file that cannot be read. */
  text(name: string, place: Place): Promise<string | undefined>;
  /**
   * The image of the first of these names that is there, or undefined and an issue. A name is relative to the folder, or a URL
   * whose image `data fetch` has brought.
   * @param use `leavesOutQuery` where the image is all that a query has: without it the issue counts a pair that is left out
   */
  image(names: string[], place: Place, use?: Pick<DataIssue, 'leavesOutQuery'>): Promise<ProductImage | undefined>;
  finish(): Reading;
}

const problems = {
  missing: 'is missing',
  'outside-folder': 'leaves the data folder and is not read',
  'not-a-file': 'is not a file',
};

/** Begin to read the data in a folder. */
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

  /** @param lost what the issue says beside its message where nothing is found */
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
    const message = `image ${excerpt(url)} is not here yet; run \`moon-lab data fetch\``;
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

/** The title as text query of its own product, for data without queries. */
export function titlePair({ id, title }: Product, split: Split): Pair {
  return { query: { id: `${id}/title`, text: title }, product: id, split };
}
