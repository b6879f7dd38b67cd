import { beforeAll, describe, expect, it } from 'vitest';
import type { Catalogue } from '../../src/data/types.js';
import { mapPoints, retrievalCases } from '../../src/evaluate/cases.js';
import type { Row } from '../../src/evaluate/task-result.js';
import * as moon from '../../src/index.js';
import type { Pixels } from '../../src/pictures/picture-store.js';
import { expectedRank } from '../../src/tasks/rank-metrics.js';

let shop: Catalogue;
let pixels: Pixels;
beforeAll(async () => {
  shop = moon.generateShop({ products: 24, imageSize: 32, views: 1, trainQueries: 60, evaluationQueries: 4 });
  pixels = await moon.encoder.preparePixels({ ...moon.grocery, imageSize: 32 }, shop);
});

/** The first photo asks; its product stands behind `before` others and ties with `tied`. */
function rowOf(before: number, tied: number): Row {
  const { query, product } = shop.pairs.find((pair) => pair.query.image && !pair.query.text)!;
  const top = shop.products.slice(0, 5).map(({ id }, at) => ({ id, similarity: 0.9 - at / 10 }));
  const place = { before, tied, relevant: 1, best: [top[0].id] };
  const asked = { task: 'photos', seed: 1, query: query.id, product, gold: [product], slices: {} };
  return { ...asked, ...place, rank: expectedRank(place), score: 0.5, top };
}

describe('retrievalCases', () => {
  it('a product without an image, or with one that could not be read, has no thumbnail, and the others have theirs', async () => {
    const [bare, broken] = shop.products;
    const without = { ...shop, products: [{ ...bare, images: [] }, ...shop.products.slice(1)] };
    const missing = new Map([[broken.images[0].id, 'cut off']]);
    const [{ results }] = await retrievalCases([rowOf(7, 0)], without, { ...pixels, missing });
    expect(results.map(({ thumbnail }) => thumbnail?.slice(0, 15))).toEqual([
      undefined,
      undefined,
      ...Array(3).fill('data:image/jpeg'),
    ]);
    expect(results[0].label).toBe(bare.title);
  });

  it('a rank with ties is the mean of the places', async () => {
    const cases = await retrievalCases([rowOf(0, 0), rowOf(3, 1), rowOf(0, 23)], shop, pixels, { count: 3 });
    expect(cases.map(({ rank }) => rank)).toEqual([1, 4.5, 12.5]);
  });
});

describe('mapPoints', () => {
  const embeddings = (ids: string[]) => ({ ids, vectors: new Float32Array(ids.length), width: 1 });
  const result = () => {
    const row = rowOf(0, 0);
    return {
      embeddings: {
        items: embeddings(shop.products.slice(0, 3).map(({ id }) => id)),
        queries: embeddings([row.query]),
      },
      rows: [row],
    };
  };

  it('names flat points by product and kind', async () => {
    const points = await mapPoints(
      result(),
      Float32Array.from({ length: 8 }, (_, at) => at),
      shop,
      pixels,
    );
    expect(points.map(({ x, y, z }) => [x, y, z])).toEqual([0, 2, 4, 6].map((x) => [x, x + 1, undefined]));
    expect(points.map(({ kind }) => kind)).toEqual(['product', 'product', 'product', 'photo']);
    expect(points[1].label).toBe(shop.products[1].title);
    expect(points.every(({ fields, thumbnail }) => fields === undefined && thumbnail)).toBe(true);
  });

  it('stands in space, with the attributes that are asked for', async () => {
    const coordinates = Float32Array.from({ length: 12 }, (_, at) => at);
    const points = await mapPoints(result(), coordinates, shop, pixels, { fields: ['colour'] });
    expect(points.map(({ x, y, z }) => [x, y, z])).toEqual([0, 3, 6, 9].map((x) => [x, x + 1, x + 2]));
    expect(points[2].fields).toEqual({ colour: shop.products[2].attributes.colour[0] });
  });

  it('gives only the rows asked for, at their places', async () => {
    const coordinates = Float32Array.from({ length: 8 }, (_, at) => at);
    const points = await mapPoints(result(), coordinates, shop, pixels, { rows: Int32Array.of(3, 1) });
    const all = await mapPoints(result(), coordinates, shop, pixels);
    expect(points).toEqual([all[3], all[1]]);
    await expect(mapPoints(result(), coordinates, shop, pixels, { rows: [4] })).rejects.toThrow(
      'rows: got 4, expected integers from 0 to 3',
    );
  });

  it('refuses coordinates of other rows and fields that nobody has', async () => {
    await expect(mapPoints(result(), new Float32Array(9), shop, pixels)).rejects.toThrow(
      'expected two or three for each',
    );
    await expect(mapPoints(result(), new Float32Array(8), shop, pixels, { fields: ['price'] })).rejects.toThrow(
      '"price"',
    );
  });
});
