import { join } from 'node:path';
import { fullImage } from '../../src/data/region.js';
import type { Catalogue, Product } from '../../src/data/types.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { cropKey } from '../../src/pictures/crop-cache.js';
import { decodeImage } from '../../src/pictures/image.js';
import { openRecords } from '../../src/store/record-store.js';

/** Drawings that stand for all pictures, under a key each. */
const DRAWINGS = 64;
/** Side of a stored picture of a network that sees 64 px. */
const SIDE = 80;

const drawings = () =>
  generateShop({ products: DRAWINGS, trainQueries: 2, evaluationQueries: 0, imageSize: SIDE }).products;

/** Products with a title, a path of three categories and a picture each, asked by their titles. Paths have about 170 products of a million. */
export function largeCatalogue(count: number, root: string): Catalogue {
  const drawn = drawings();
  const products = Array.from({ length: count }, (_, at): Product => {
    const { title, images } = drawn[at % DRAWINGS];
    const [{ source }] = images;
    return {
      id: `product ${at}`,
      title: `${title} ${at}`,
      category: [`area ${at % 10}`, `group ${at % 300}`, `kind ${at % 6000}`],
      attributes: {},
      images: [{ id: `image ${at}`, source: { ...source, key: keyOf(at) } as typeof source }],
    };
  });
  const pairs = products.map(({ id, title }) => ({
    query: { id: `query of ${id}`, text: title },
    product: id,
    split: 'train' as const,
  }));
  return { adapter: 'table', root, products, pairs, issues: [] };
}

const keyOf = (at: number) => `picture ${at}`;

/** Write the pictures of a large catalogue into its store without decoding each. */
export async function fillPictures(from: number, to: number, root: string): Promise<void> {
  const records = openRecords(join(root, '.moon', 'pictures', String(SIDE)), SIDE * SIDE * 3, 8);
  const size = Buffer.from(Uint32Array.of(SIDE, SIDE).buffer);
  const rasters = await Promise.all(
    drawings().map(({ images: [{ source }] }) =>
      decodeImage(source, { width: SIDE, height: SIDE, fit: 'stretch', crop: fullImage }),
    ),
  );
  for (let at = from; at < to; at++) records.put(cropKey(keyOf(at), fullImage), rasters[at % DRAWINGS].data, size);
  records.save();
}
