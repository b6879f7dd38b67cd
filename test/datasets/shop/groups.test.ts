import { describe, expect, test } from 'vitest';
import { drawGroup, placeGroup, placesOf } from '../../../src/datasets/shop/drawing/group.js';
import { viewOf } from '../../../src/datasets/shop/drawing/view.js';
import { shopGroups } from '../../../src/datasets/shop/groups.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { randomStream } from '../../../src/engine/random.js';

const shop = generateShop({ products: 120, imageSize: 48, views: 1, trainQueries: 10, evaluationQueries: 1 });
const groups = shopGroups(shop, { count: 40, split: 'train' });

describe('groups of products', () => {
  test('show two to four products of the split, inside the picture and visible, and name them all', () => {
    const sizes = new Set<number>();
    for (const { members, caption } of groups) {
      sizes.add(members.length);
      expect(new Set(members.map(({ product }) => product)).size).toBe(members.length);
      for (const { product, box, visible } of members) {
        expect(shop.splits.get(product)).toBe('train');
        expect(Math.min(box.x1, box.y1)).toBeGreaterThan(-1e-6);
        expect(Math.max(box.x2, box.y2)).toBeLessThan(1 + 1e-6);
        expect(visible).toBeGreaterThanOrEqual(0.3);
        expect(caption).toContain(shop.products.find(({ id }) => id === product)!.title);
      }
    }
    expect([...sizes].sort()).toEqual([2, 3, 4]);
    // Some hide others, and the caption does not give their order away.
    expect(groups.some(({ members }) => members.some(({ visible }) => visible < 0.7))).toBe(true);
    const titles = new Map(shop.products.map(({ id, title }) => [id, title]));
    const asDrawn = groups.filter(
      ({ members, caption }) => members.map(({ product }) => titles.get(product)).join(', ') === caption,
    );
    expect(asDrawn.length).toBeLessThan(groups.length / 2);
  });

  test('are the same every time, and other seeds are others', () => {
    const again = shopGroups(shop, { count: 40, split: 'train' });
    const plain = (all: typeof groups) => all.map(({ caption, members }) => ({ caption, members }));
    expect(plain(again)).toEqual(plain(groups));
    expect(plain(shopGroups(shop, { count: 40, split: 'train', seed: 1 }))).not.toEqual(plain(groups));
    const pixels = ({ image }: (typeof groups)[number]) =>
      image.source.kind === 'drawn' ? [...image.source.draw().data] : [];
    expect(pixels(again[0])).toEqual(pixels(groups[0]));
  });

  test('the front one is whole; what is visible of another is what its removal changes of the picture', () => {
    const facts = shop.products.slice(0, 3).map(({ id }) => shop.facts.get(id)!);
    const placed = placeGroup(facts, 'one', 48, randomStream(3, 'place'));
    const places = placesOf(placed, 48);
    expect(places.at(-1)!.visible).toBe(1);
    const style = { imageSize: 48, background: 0, watermark: 0 };
    const view = viewOf(0, 'one', 0);
    const changed = (all: typeof placed, without: typeof placed) => {
      const [a, b] = [all, without].map((each) => drawGroup(each, view, style).data);
      let count = 0;
      for (let at = 0; at < a.length; at += 3)
        count += Number(a[at] !== b[at] || a[at + 1] !== b[at + 1] || a[at + 2] !== b[at + 2]);
      return count;
    };
    // Shadows change pixels too, so the parts are compared, not counted.
    const whole = changed([placed[0]], []);
    const seen = changed(placed, placed.slice(1));
    if (places[0].visible < 1) expect(seen).toBeLessThan(whole);
    else expect(seen).toBeGreaterThan(0);
  });

  test('refuse what cannot be drawn', () => {
    expect(() => shopGroups(shop, { count: 1, split: 'train', products: [1, 3] })).toThrow('products: got [1,3]');
    expect(() => shopGroups(shop, { count: 1, split: 'train', minVisible: 2 })).toThrow('minVisible: got 2');
    const small = generateShop({
      products: 3,
      trainQueries: 1,
      evaluationQueries: 0,
      split: { train: 1, dev: 0, val: 0, test: 0 },
    });
    expect(() => shopGroups(small, { count: 1, split: 'train' })).toThrow('split: got "train"');
  });
});
