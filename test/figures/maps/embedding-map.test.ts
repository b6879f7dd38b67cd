import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/engine/random.js';
import type { ScatterTrace } from '../../../src/figures/figure.js';
import { embeddingMap, type MapPoint } from '../../../src/figures/maps/embedding-map.js';
import { pixel } from '../samples.js';

const options = { title: 'Map', trustworthiness: 0.9, overlap: 0.4 };

function points(count: number, groups: number, kinds: (string | undefined)[] = [undefined]): MapPoint[] {
  return Array.from({ length: count }, (_, i) => ({
    x: i,
    y: -i,
    label: `product ${i}`,
    group: `group ${i % groups}`,
    kind: kinds[i % kinds.length],
    thumbnail: i % 2 ? pixel : undefined,
  }));
}

/** Traces that hold points, without the keys of the legend. */
function drawn(all: MapPoint[], figure = embeddingMap(all, options)): ScatterTrace[] {
  return (figure.data as ScatterTrace[]).filter((trace) => trace.text?.length && trace.visible !== false);
}

describe('embeddingMap', () => {
  it.each([
    [30, 3, [undefined]],
    [500, 60, [undefined]],
    [90, 12, ['photo', 'product', 'text']],
  ])('draws each of %i points in %i groups once, with its own label and thumbnail', (count, groups, kinds) => {
    const all = points(count, groups, kinds);
    const figure = embeddingMap(all, options);
    const pictures = figure.layout.meta?.thumbnails;
    const shown = drawn(all, figure).flatMap((trace) =>
      trace.x.map((x, i) => [
        x,
        trace.y[i],
        trace.text?.[i].split('<br>')[0],
        pictures?.[trace.customdata?.[i] ?? -1] ?? null,
      ]),
    );
    shown.sort((a, b) => Number(a[0]) - Number(b[0]));
    expect(shown).toEqual(all.map(({ x, y, label, thumbnail }) => [x, y, label, thumbnail ?? null]));
  });

  it('gives no two groups the same colour and shape, and a shape to one kind only', () => {
    const looks = drawn(points(400, 20)).map(({ marker }) => `${marker?.color} ${marker?.symbol}`);
    expect(new Set(looks).size).toBe(20);
    const all = points(90, 5, ['photo', 'product']);
    for (const trace of drawn(all)) {
      const kinds = new Set(trace.x.map((x) => all[Number(x)].kind));
      expect(kinds.size).toBe(1);
      expect(trace.marker?.symbol).toBe(kinds.has('photo') ? 'circle' : 'diamond');
    }
  });

  it('says that it draws a part, and that the layout is of landmarks', () => {
    const some = { ...options, count: 1_000_000, landmarks: Int32Array.of(0, 5, 7) };
    const text = embeddingMap(points(30, 3), some).layout.title?.subtitle?.text;
    expect(text).toContain('n = 30 of 1000000 points, 3 groups; trustworthiness 0.900');
    expect(text).toContain('layout of 3 landmarks chosen at random; each other point at the mean of its nearest');
  });

  it('prints how far the picture can be trusted', () => {
    expect(embeddingMap(points(30, 3), options).layout.title?.subtitle?.text).toBe(
      'n = 30 points, 3 groups; trustworthiness 0.900, neighbour overlap 0.400 (1 is best)',
    );
  });

  it('keeps for the search what the hover cuts of a label, and nothing else', () => {
    const long = 'x'.repeat(60);
    const all = points(4, 1).map((point, i) => ({ ...point, label: i === 2 ? long : point.label }));
    expect(drawn(all)[0].meta).toEqual({ search: ['', '', long, ''] });
    expect(drawn(points(4, 1))[0].meta).toBeUndefined();
  });

  it('leaves many points to WebGL', () => {
    expect(drawn(points(4000, 2))[0].type).toBe('scattergl');
    expect(drawn(points(400, 2))[0].type).toBe('scatter');
  });

  it('refuses a thumbnail that would be fetched', () => {
    expect(() => embeddingMap([{ ...points(1, 1)[0], thumbnail: 'photo.jpg' }], options)).toThrow(/got "photo.jpg"/);
  });

  it('colours by any field: names as groups, numbers on a scale, one view seen at a time', () => {
    const all = points(60, 3).map((point, i) => ({ ...point, fields: { brand: `brand ${i % 2}`, price: i } }));
    const { data, layout } = embeddingMap(all, options);
    const traces = data as ScatterTrace[];
    const views = layout.meta?.views ?? [];
    expect(views.map(({ name }) => name)).toEqual(['group', 'brand', 'price']);
    const seen = views.map(({ visible }) => traces.filter((trace, at) => visible[at] && trace.text?.length));
    expect(seen.map((own) => own.length)).toEqual([3, 2, 1]);
    for (const own of seen)
      expect(own.flatMap(({ x }) => x).sort((a, b) => Number(a) - Number(b))).toEqual(all.map(({ x }) => x));
    expect(seen[2][0].marker?.color).toEqual(all.map(({ fields }) => fields.price));
    expect(seen[2][0].marker).toMatchObject({ cmin: 0, cmax: 59 });
    expect(traces.filter(({ visible }) => visible === false)).toEqual([...seen[1], ...seen[2]]);
  });

  it('joins the points of a product, and of no other', () => {
    const all = points(6, 1, ['image', 'text', 'full']).map((point, i) => ({
      ...point,
      product: `${Math.floor(i / 3)}`,
    }));
    const [links] = embeddingMap(all, { ...options, links: true }).data as ScatterTrace[];
    expect(links.x).toEqual([0, 1, null, 0, 2, null, 3, 4, null, 3, 5, null]);
    expect(links.mode).toBe('lines');
  });

  it('lays pictures on the map at their points, no two over each other', () => {
    const random = randomStream(1, 'pictures');
    const all = points(200, 2).map((point) => ({
      ...point,
      x: random.uniform(),
      y: random.uniform(),
      thumbnail: pixel,
    }));
    const images = embeddingMap(all, { ...options, pictures: 40 }).layout.images ?? [];
    expect(images.length).toBe(40);
    for (const [at, { x, y, sizex, sizey }] of images.entries()) {
      expect(all.some((point) => point.x === x && point.y === y)).toBe(true);
      for (const other of images.slice(at + 1))
        expect(Math.abs(other.x - x) >= sizex || Math.abs(other.y - y) >= sizey).toBe(true);
    }
    expect(embeddingMap(all, options).layout.images).toEqual([]);
  });

  it('stands in space where points have a z', () => {
    const all = points(30, 3).map((point, i) => ({ ...point, z: i % 5 }));
    const { data, layout } = embeddingMap(all, options);
    expect(new Set(data.map(({ type }) => type))).toEqual(new Set(['scatter3d']));
    expect((data as ScatterTrace[]).flatMap(({ z }) => z)).toHaveLength(30);
    expect(layout.scene?.zaxis.title?.text).toContain('no unit');
  });

  it('says that a map is not judged before it is finished', () => {
    expect(embeddingMap(points(4, 2), { title: 'Live' }).layout.title?.subtitle?.text).toContain('not scored yet');
  });
});
