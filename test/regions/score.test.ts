import { describe, expect, it } from 'vitest';
import { intersectionOverUnion } from '../../src/data/overlap.js';
import { plausibleRegion } from '../../src/data/region.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { detectorOf } from '../../src/regions/detector.js';
import type { RegionOption } from '../../src/regions/options.js';
import { type ScoreOptions, scoreRegions } from '../../src/regions/score.js';

const shop = generateShop({ products: 60, trainQueries: 100, evaluationQueries: 20, imageSize: 48 });
const score = async (option: RegionOption, options?: ScoreOptions) =>
  scoreRegions((await detectorOf(option))!, shop, options);

describe('scoreRegions', () => {
  it('is perfect for the true boxes, and keeps their area', async () => {
    const { iou, coverage, area, fallbacks, images } = await score({ kind: 'boxes' });
    for (const { value } of [iou, coverage]) expect(value).toBeCloseTo(1, 12);
    const areas = shop.products.map(({ images: [{ box }] }) => (box!.x2 - box!.x1) * (box!.y2 - box!.y1));
    expect(area.value).toBeCloseTo(areas.reduce((sum, each) => sum + each, 0) / 60, 12);
    expect([images, fallbacks]).toEqual([60, { missing: 0, absurd: 0, tiny: 0 }]);
  });

  it('covers everything and overlaps by the true area for the whole image', async () => {
    const [whole, truth] = [await score({ kind: 'duplicate' }), await score({ kind: 'boxes' })];
    expect([whole.coverage.value, whole.area.value]).toEqual([1, 1]);
    expect(whole.iou.value).toBeCloseTo(truth.area.value, 12);
  });

  it('finds saliency above a random and a central box of equal area', async () => {
    const saliency = await score({ kind: 'saliency' });
    for (const kind of ['random', 'centre'] as const) {
      const control = await score({ kind, area: saliency.area.value });
      expect(saliency.iou.low).toBeGreaterThan(control.iou.value);
      expect(saliency.coverage.value).toBeGreaterThan(control.coverage.value);
    }
  });

  it('shows titles to products alone, draws by seed, and counts what fell back', async () => {
    const titles: (string | undefined)[] = [];
    const box = { x1: 0.1, y1: 0.1, x2: 0.6, y2: 0.6 };
    const seen: number[] = [];
    const spy = {
      detect: async (image: { box?: typeof box }, title?: string) => {
        titles.push(title);
        const region = plausibleRegion('spy', { box: titles.length % 2 ? box : null, score: 1 });
        seen.push(intersectionOverUnion(region.box, image.box!));
        return [region] as const;
      },
    };
    const of = await scoreRegions(spy, shop, { images: 10, seed: 3 });
    expect(titles.every(Boolean)).toBe(true);
    expect(of.fallbacks).toEqual({ missing: 5, absurd: 0, tiny: 0 });
    expect(of.iou.value).toBeCloseTo(seen.reduce((sum, each) => sum + each, 0) / 10, 12);
    await scoreRegions(spy, shop, { of: 'queries', images: 10 });
    expect(titles.slice(10)).toEqual(Array(10).fill(undefined));
    await scoreRegions(spy, shop, { images: 10, seed: 3 });
    expect(titles.slice(20)).toEqual(titles.slice(0, 10));
  });

  it('says where no box is known, and which form was meant', async () => {
    const bare = { ...shop, products: [], pairs: [] };
    await expect(
      scoreRegions({ detect: async () => [plausibleRegion('x', { box: null, score: 0 })] as const }, bare),
    ).rejects.toThrow("No image of the products of 'shop' has a box");
    await expect(score({ kind: 'boxes' }, { of: 'images' as 'queries' })).rejects.toThrow('of: got "images"');
  });
});
