import { expect, it } from 'vitest';
import { plausibleRegion, type RegionDetector } from '../../src/data/region.js';
import type { Box, ProductImage, Raster } from '../../src/data/types.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { loadPixels } from '../../src/pictures/picture-store.js';
import { detectorOf } from '../../src/regions/detector.js';
import { regionRequests } from '../../src/regions/requests.js';
import { drawn, scene } from './scenes.js';

const shop = generateShop({ products: 20, trainQueries: 40, evaluationQueries: 5, imageSize: 32 });

it('no detector is told a title, or any text, of an image query', async () => {
  const told = new Map<string, unknown[]>();
  const spy: RegionDetector = async (image, title) => {
    told.set(image.id, [...(told.get(image.id) ?? []), title]);
    return [plausibleRegion('spy', { box: null, score: 0 })] as const;
  };
  await loadPixels(regionRequests(shop), { size: 16, detect: spy });
  const queries = shop.pairs.flatMap(({ query }) => (query.image ? [query] : []));
  expect(queries.some(({ text }) => text)).toBe(true);
  for (const { image } of queries) expect(told.get(image!.id)).toEqual([undefined]);
  // Both requests of an image are decoded at once, and either may end first.
  for (const { images, title } of shop.products) {
    expect(told.get(images[0].id)).toHaveLength(2);
    expect(new Set(told.get(images[0].id))).toEqual(new Set([title, undefined]));
  }
  expect(told.size).toBe(queries.length + shop.products.length);
});

it('a detector that reads no titles is asked once for every image', () => {
  const requests = regionRequests(shop, { titles: false });
  const ids = requests.map(({ image }) => image.id);
  expect(requests.every((request) => request.title === undefined)).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(regionRequests(shop).map(({ image }) => image.id))).toEqual(new Set(ids));
});

it('an image that is a product and a query is asked for with the title and without, and each gets its own box', async () => {
  const image = drawn(scene([20, 20], [0, 0, 9, 9]), 'both');
  const product = { id: 'p', title: 'Cup', category: [], attributes: {}, images: [image] };
  const pair = { query: { id: 'q', image, text: 'a cup' }, product: 'p', split: 'train' as const };
  const requests = regionRequests({
    ...shop,
    products: [product],
    pairs: [pair, { ...pair, query: { id: 'r', image } }],
  });
  expect(requests).toEqual([{ image, title: 'Cup' }, { image }]);
  const box = (x2: number): Box => ({ x1: 0, y1: 0, x2, y2: 1 });
  const pixels = await loadPixels(requests, {
    size: 8,
    detect: async (_, title) => [plausibleRegion('test', { box: box(title ? 0.25 : 0.5), score: 1 })] as const,
  });
  expect(pixels.boxOf(image, 'Cup')).toEqual(box(0.25));
  expect(pixels.boxOf(image)).toEqual(box(0.5));
  // A photo of a query that stands for its product in training was never seen with this title.
  expect(pixels.boxOf(image, 'Red cup')).toEqual(box(0.5));
});

/** The part of a raster inside whole-pixel corners. */
function part({ width, data }: Raster, [left, top, right, bottom]: number[]): Uint8Array {
  const rows = [];
  for (let y = top; y < bottom; y++) rows.push(data.subarray((y * width + left) * 3, (y * width + right) * 3));
  return Buffer.concat(rows);
}

it('the crop of a given box is exact to the pixel, from a drawing', async () => {
  const raster = scene([40, 40], [8, 12, 24, 28]);
  const image = drawn(raster, 'exact', { x1: 0.2, y1: 0.3, x2: 0.6, y2: 0.7 });
  const { detect } = (await detectorOf({ kind: 'boxes' }))!;
  const pixels = await loadPixels([{ image }], { size: 16, side: 16, detect });
  const crop = pixels.rasterOf({ image, crop: pixels.boxOf(image) });
  expect(Buffer.from(crop.data)).toEqual(part(raster, [8, 12, 24, 28]));
});

it('crops are cut from the image at its stored size, and those with too few pixels are counted with the fallbacks', async () => {
  const large = scene([200, 200], [0, 0, 0, 0], { noise: 190, ground: 0 });
  const box = { x1: 0.5, y1: 0.5, x2: 0.66, y2: 0.66 };
  const named = (id: string, raster: Raster, given?: Box): { image: ProductImage } => ({
    image: drawn(raster, id, given),
  });
  const requests = [
    named('exact', large, { x1: 0.5, y1: 0.5, x2: 0.82, y2: 0.82 }),
    named('tiny', large, box),
    named('small', scene([40, 40], [0, 0, 9, 9]), { x1: 0, y1: 0, x2: 1, y2: 0.9 }),
    named('unknown', large),
    { image: { id: 'gone', source: { kind: 'file' as const, path: 'gone.jpg' } } },
  ];
  const { detect } = (await detectorOf({ kind: 'boxes' }))!;
  const pixels = await loadPixels(requests, { size: 64, side: 64, detect });
  expect(pixels.regions).toEqual({ regions: 4, fallbacks: { missing: 1, absurd: 0, tiny: 1 }, upsampled: 1 });
  expect([...pixels.missing.keys()]).toEqual(['gone']);
  const [{ image }] = requests;
  const crop = pixels.rasterOf({ image, crop: pixels.boxOf(image) });
  expect(Buffer.from(crop.data)).toEqual(part(large, [100, 100, 164, 164]));
});

it('without a detector there is no box and no report of one', async () => {
  const [{ image }] = regionRequests(shop);
  const pixels = await loadPixels([{ image }], { size: 16 });
  expect(pixels.boxOf(image)).toBeUndefined();
  expect(pixels.regions.regions).toBe(0);
});
