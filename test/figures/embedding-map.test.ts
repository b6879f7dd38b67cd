import { describe, expect, it } from 'vitest';
import { embeddingMap, type MapPoint } from '../../src/figures/embedding-map.js';
import type { ScatterTrace } from '../../src/figures/figure.js';
import { pixel } from './samples.js';

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
function drawn(all: MapPoint[]): ScatterTrace[] {
  return (embeddingMap(all, options).data as ScatterTrace[]).filter((trace) => trace.x[0] !== null);
}

describe('embeddingMap', () => {
  it.each([
    [30, 3, [undefined]],
    [500, 60, [undefined]],
    [90, 12, ['photo', 'product', 'text']],
  ])('draws each of %i points in %i groups once, with its own label and thumbnail', (count, groups, kinds) => {
    const all = points(count, groups, kinds);
    const traces = drawn(all);
    const shown = traces.flatMap((trace) =>
      trace.x.map((x, i) => [x, trace.y[i], trace.text?.[i].split('<br>')[0], trace.customdata?.[i]]),
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

  it('prints how far the picture can be trusted', () => {
    expect(embeddingMap(points(30, 3), options).layout.title?.subtitle?.text).toBe(
      'n = 30 points, 3 groups; trustworthiness 0.900, neighbour overlap 0.400 (1 is best)',
    );
  });

  it('leaves many points to WebGL', () => {
    expect(drawn(points(4000, 2))[0].type).toBe('scattergl');
    expect(drawn(points(400, 2))[0].type).toBe('scatter');
  });

  it('refuses a thumbnail that would be fetched', () => {
    expect(() => embeddingMap([{ ...points(1, 1)[0], thumbnail: 'photo.jpg' }], options)).toThrow(/got "photo.jpg"/);
  });
});
