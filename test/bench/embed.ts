import { mkdtempSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Catalogue } from '../../src/data/types.js';
import { GROCERY_PACK } from '../../src/datasets/grocery/pack.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { prepare, preparePixels } from '../../src/encoder/prepare.js';
import { startEngine } from '../../src/engine/engine.js';
import { embedCatalogue } from '../../src/evaluate/embed/embed-catalogue.js';
import { catalogueOf, productRows } from '../../src/evaluate/embed/embed-rows.js';
import { networkSource } from '../../src/evaluate/embed/embed-source.js';
import { embedOnce } from '../../src/evaluate/embed-once.js';
import type { Bench, BenchRow } from './table.js';

/**
 * Products a second of `moon-lab embed` by the network of the base `grocery`: every shipped photo as a product with picture, crop, title and category, into
 * Parquet; with pictures that were never read before, then again. Share: of the second time, what is not spent in embedding sequences whose pictures
 * are in memory.
 */
export const rows: Bench = async () => {
  await startEngine();
  const folder = mkdtempSync(join(tmpdir(), 'moon-bench-'));
  try {
    const root = join(folder, 'grocery');
    await cp(GROCERY_PACK, root, { recursive: true, filter: (path) => !path.endsWith('.moon') });
    const pack = await openCatalogue(root);
    const catalogue = photosAsProducts(pack);
    const { encoder } = await prepare(grocery, { ...pack, pairs: pack.pairs.slice(0, 200) });
    const source = await networkSource(encoder);
    const out = join(folder, 'photos.parquet');
    const seconds: number[] = [];
    for (let time = 0; time < 3; time++) {
      const started = performance.now();
      await embedCatalogue(source, catalogue, { out });
      seconds.push((performance.now() - started) / 1000);
    }
    const inputs = productRows(catalogue);
    const pixels = await preparePixels(grocery, catalogueOf(inputs, catalogue));
    const started = performance.now();
    await embedOnce(
      encoder,
      inputs.map(({ input }) => input),
      pixels,
    );
    const model = (performance.now() - started) / 1000;
    const row = (name: string, ours: number, unit: string): BenchRow => ({
      name,
      ours,
      rival: null,
      ratio: null,
      unit,
    });
    const rate = (time: number) => catalogue.products.length / time;
    return [
      row('pictures never read before', rate(seconds[0]), 'products a second (more is better)'),
      row('pictures read before', rate(seconds[2]), 'products a second'),
      row('embedding alone', rate(model), 'products a second'),
      row('share of time outside of embedding', 1 - model / seconds[2], 'of 1 (less is better)'),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

function photosAsProducts(pack: Catalogue): Catalogue {
  const byId = new Map(pack.products.map((product) => [product.id, product]));
  const products = pack.pairs.flatMap(({ query: { id, image }, product }) => {
    const own = byId.get(product)!;
    return image ? [{ ...own, id, images: [image] }] : [];
  });
  return { ...pack, products, pairs: [] };
}
