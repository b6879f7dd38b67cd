import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/data/image.js';
import { imageCache } from '../../src/data/image-cache.js';
import type { ProductImage, Raster } from '../../src/data/types.js';

/** Images that are drawn, so that a test can count how often. */
function drawings(count: number) {
  const drawn: number[] = Array(count).fill(0);
  const images = drawn.map((_, number): ProductImage => {
    const draw = (): Raster => {
      drawn[number]++;
      return { width: 10, height: 10, data: new Uint8Array(300).fill(number) };
    };
    return { id: `drawing-${number}`, source: { kind: 'drawn', draw } };
  });
  return { images, drawn };
}

const size = { width: 10, height: 10, fit: 'stretch' } as const;
const ignore = { onIssue: () => expect.unreachable() };

describe('imageCache', () => {
  it('gives what decodeImage gives, and decodes once', async () => {
    const { images, drawn } = drawings(3);
    const cache = imageCache();
    for (const image of [...images, ...images]) {
      expect(await cache.get(image, size)).toEqual(await decodeImage(image.source, size));
    }
    expect(drawn).toEqual([3, 3, 3]); // twice by decodeImage, once by the cache
    expect(cache.counts()).toEqual({ hits: 3, misses: 3, images: 3, bytes: 900 });
  });

  it('keeps different sizes, fits and crops of an image apart', async () => {
    const { images } = drawings(1);
    const cache = imageCache();
    const crop = { x1: 0, y1: 0, x2: 0.5, y2: 1 };
    for (const options of [size, { ...size, width: 5 }, { ...size, fit: 'cover' as const }, { ...size, crop }]) {
      await cache.get(images[0], options);
      expect(await cache.get(images[0], { ...options })).toMatchObject({ width: options.width });
    }
    expect(cache.counts()).toMatchObject({ hits: 4, misses: 4, images: 4 });
  });

  it('stays within its limit and drops what was used longest ago', async () => {
    const { images, drawn } = drawings(4);
    const cache = imageCache(900);
    for (const at of [0, 1, 2, 0, 3]) await cache.get(images[at], size); // 3 takes the place of 1
    expect(cache.counts()).toMatchObject({ images: 3, bytes: 900 });
    for (const at of [0, 2, 3]) await cache.get(images[at], size);
    expect(drawn).toEqual([1, 1, 1, 1]);
    await cache.get(images[1], size);
    expect(drawn).toEqual([1, 2, 1, 1]);
  });

  it('hands on, but does not keep, what is larger than all of it', async () => {
    const { images } = drawings(2);
    const cache = imageCache(300);
    await cache.get(images[0], size);
    expect(await cache.get(images[1], { ...size, width: 20 })).toMatchObject({ width: 20 });
    expect(cache.counts()).toMatchObject({ images: 1, bytes: 300 });
  });

  it('decodes once for callers who ask at the same time', async () => {
    const { images, drawn } = drawings(1);
    const cache = imageCache();
    const [first, second] = await Promise.all([cache.get(images[0], size), cache.get(images[0], size)]);
    expect(second).toBe(first);
    expect(drawn).toEqual([1]);
    expect(cache.counts()).toMatchObject({ hits: 1, misses: 1, images: 1 });
  });

  it('reports a failure to every caller and keeps none', async () => {
    const cache = imageCache();
    const broken: ProductImage = { id: 'none', source: { kind: 'file', path: 'no/such/file.jpg' } };
    const both = await Promise.allSettled([cache.get(broken, size), cache.get(broken, size)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(cache.get(broken, size)).rejects.toThrow('no such file');
    expect(cache.counts()).toMatchObject({ images: 0, bytes: 0 });
  });

  it('takes many at once, in order, past those that fail', async () => {
    const { images } = drawings(5);
    const cache = imageCache();
    const broken: ProductImage = { id: 'none', source: { kind: 'file', path: 'no/such/file.jpg' } };
    const failed: number[] = [];
    const options = { ...size, onIssue: (index: number) => failed.push(index) };
    const rasters = await cache.getAll([...images.slice(0, 2), broken, ...images.slice(2)], options);
    expect(rasters.map((raster) => raster?.data[0])).toEqual([0, 1, undefined, 2, 3, 4]);
    expect(failed).toEqual([2]);
    await cache.getAll(images, { ...size, ...ignore });
    expect(cache.counts()).toMatchObject({ hits: 5, misses: 6 });
  });
});
