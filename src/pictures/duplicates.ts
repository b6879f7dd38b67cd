import { groupBy } from '../data/group-by.js';
import { plainTitle } from '../data/plain-title.js';
import type { Catalogue, Product } from '../data/types.js';
import { type Fingerprint, fingerprint, sameImages } from './same-images.js';
import { visitImages } from './visit-images.js';

/** A group of products that may be the same: at least two ids, in the order of the catalogue. */
export interface DuplicateGroup {
  by: 'title' | 'image';
  products: string[];
}

/**
 * Find products of equal title (`plainTitle`), and products whose main images are copies of each other (see `sameImages`). Pass the groups
 * to `splitIds`, so that near-duplicates are on the same side of a split.
 */
export async function findDuplicates({ products }: Catalogue): Promise<DuplicateGroup[]> {
  const pictures = new Map<string, Fingerprint>();
  await visitImages(
    products.flatMap(({ images }) => images.slice(0, 1)),
    ({ id }, raster) => pictures.set(id, fingerprint(raster)),
    () => {},
  );
  return duplicateGroups(products, pictures);
}

/**
 * As `findDuplicates`, with given fingerprints.
 * @param pictures image id -> fingerprint; a product whose main image has none is compared by title only
 */
export function duplicateGroups(
  products: readonly Product[],
  pictures: ReadonlyMap<string, Fingerprint>,
): DuplicateGroup[] {
  const titled = products.filter(({ title }) => plainTitle(title) !== '');
  const byTitle = [...groupBy(titled, ({ title }) => plainTitle(title)).values()].filter((group) => group.length > 1);
  const byProduct = products.flatMap(({ id, images: [main] }): [string, Fingerprint][] => {
    const picture = main && pictures.get(main.id);
    return picture ? [[id, picture]] : [];
  });
  return [
    ...byTitle.map((group): DuplicateGroup => ({ by: 'title', products: group.map(({ id }) => id) })),
    ...sameImages(new Map(byProduct)).map((group): DuplicateGroup => ({ by: 'image', products: group })),
  ];
}
