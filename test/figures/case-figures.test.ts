import { describe, expect, it } from 'vitest';
import { attentionMap, coreMass } from '../../src/figures/cards/attention-map.js';
import type { BarTrace, HeatmapTrace, SunburstTrace } from '../../src/figures/figure.js';
import { describeFigure } from '../../src/figures/page/describe-figure.js';
import { categoryBars } from '../../src/figures/plots/category-bars.js';
import { categorySunburst } from '../../src/figures/plots/category-sunburst.js';
import { confusionMatrix } from '../../src/figures/plots/confusion-matrix.js';
import { expertLoad } from '../../src/figures/plots/expert-load.js';
import { forestPlot } from '../../src/figures/plots/forest-plot.js';
import { rankHistogram } from '../../src/figures/plots/rank-histogram.js';
import { pixel } from './samples.js';

const heat = (figure: { data: unknown[] }) => figure.data[0] as HeatmapTrace;

describe('rankHistogram', () => {
  it('puts every rank into one bar, ties at halves included, and chance adds up to all products', () => {
    const ranks = [1, 1, 1.5, 5, 6, 10.5, 20, 21, 81, 81];
    const [found, chance] = rankHistogram([{ name: 'a', ranks }], 81).data as BarTrace[];
    expect(found.x).toEqual(['1', '2-5', '6-10', '11-20', '21-50', '51-81']);
    expect(found.y).toEqual([20, 20, 10, 20, 10, 20]);
    expect((chance.y as number[]).reduce((sum, fraction) => sum + fraction)).toBeCloseTo(100);
    expect(chance.y[0]).toBeCloseTo(100 / 81);
  });

  it('has no empty bars beyond a small gallery', () => {
    expect((rankHistogram([{ name: 'a', ranks: [1, 2] }], 2).data[0] as BarTrace).x).toEqual(['1', '2']);
  });
});

describe('forestPlot', () => {
  it('fills a mark only where the interval excludes zero', () => {
    const row = (low: number, high: number) => ({ name: 'x', difference: (low + high) / 2, low, high, n: 9 });
    const figure = forestPlot([row(-0.3, -0.1), row(-0.1, 0.2), row(0.1, 0.3)]);
    const symbols = figure.data.map((trace) => (trace.type === 'scatter' ? trace.marker?.symbol : ''));
    expect(symbols).toEqual(['circle', 'circle-open', 'circle']);
    expect(figure.layout.annotations?.map(({ text }) => text)[0]).toBe('-20.0 [-30.0, -10.0]');
  });
});

describe('categoryBars', () => {
  it('stands best first, with n beside each name', () => {
    const score = (category: string, value: number, n: number) => ({ category, value, low: value, high: value, n });
    const { layout } = categoryBars([score('milk', 0.2, 5), score('apple', 0.9, 7)]);
    expect(layout.yaxis?.ticktext).toEqual(['apple (n = 7)', 'milk (n = 5)']);
  });
});

describe('confusionMatrix', () => {
  it('colours by percent of the true category and counts the diagonal', () => {
    const figure = confusionMatrix(
      ['apple', 'pear', 'none'],
      [
        [3, 1, 0],
        [2, 2, 0],
        [0, 0, 0],
      ],
    );
    expect(heat(figure).z).toEqual([
      [75, 25, 0],
      [50, 50, 0],
      [null, null, null],
    ]);
    expect(describeFigure(figure)).toContain('n = 8, 62.5% on the diagonal');
    expect(heat(figure).customdata?.[1][0]).toBe('pear predicted as apple: 2 of 4');
  });
});

describe('expertLoad', () => {
  it('shares out each row, layers in order', () => {
    const figure = expertLoad([
      { layer: 4, aspect: 'title', tokens: [1, 3] },
      { layer: 2, aspect: 'image', tokens: [0, 0] },
    ]);
    expect(heat(figure).z).toEqual([
      [null, null],
      [25, 75],
    ]);
    expect(figure.layout.yaxis?.ticktext).toEqual(['layer 2, image (n = 0)', 'layer 4, title (n = 4)']);
  });
});

describe('attentionMap', () => {
  const quarter = { x1: 0, y1: 0, x2: 0.5, y2: 0.5 };

  it('the mass in a box is what its cells hold, cut cells by area', () => {
    expect(
      coreMass(
        [
          [1, 2],
          [3, 4],
        ],
        quarter,
      ),
    ).toBe(1);
    expect(
      coreMass(
        [
          [1, 2],
          [3, 4],
        ],
        { x1: 0, y1: 0, x2: 1, y2: 1 },
      ),
    ).toBeCloseTo(10);
    expect(coreMass([[8]], { x1: 0.25, y1: 0.25, x2: 0.75, y2: 0.75 })).toBeCloseTo(2);
  });

  it('says the mass beside the area', () => {
    const picture = { uri: pixel, width: 8, height: 4, label: 'pixel' };
    const figure = attentionMap(picture, {
      weights: [
        [1, 2],
        [3, 4],
      ],
      core: quarter,
    });
    expect(describeFigure(figure)).toContain('10.0% falls into the core region, which is 25.0% of the picture');
    expect(heat(figure).x).toEqual([2, 6]);
    expect(heat(figure).y).toEqual([1, 3]);
  });

  it.each([[[[0, 0]]], [[[Number.NaN, 1]]], [[]]])(
    'of %j, where there is no share, shows none and says so',
    (weights) => {
      const figure = attentionMap({ uri: pixel, width: 8, height: 4, label: 'pixel' }, { weights, core: quarter });
      expect(describeFigure(figure)).toContain('no attention to show');
      expect(JSON.stringify(figure)).not.toContain('NaN');
      expect(
        heat(figure)
          .z.flat()
          .every((fraction) => fraction === null),
      ).toBe(true);
    },
  );
});

describe('categorySunburst', () => {
  it('counts products up the tree and keeps equal names of different parents apart', () => {
    const paths = [['fruit', 'other'], ['fruit', 'other'], ['milk', 'other'], ['milk'], []];
    const figure = categorySunburst(paths);
    const { labels, parents, ids, values } = figure.data[0] as SunburstTrace;
    const of = (...path: string[]) => values[ids.indexOf(JSON.stringify(path))];
    expect([of('fruit'), of('fruit', 'other'), of('milk'), of('milk', 'other')]).toEqual([2, 2, 2, 1]);
    expect(labels.filter((label) => label === 'other')).toHaveLength(2);
    for (const parent of parents) expect(parent === '' || ids.includes(parent)).toBe(true);
    expect(describeFigure(figure)).toContain('without a category: 1');
  });

  it('says on hover the whole path, and its share of its parent and of all', () => {
    const figure = categorySunburst([['fruit', 'apple'], ['fruit', 'pear'], ['fruit'], ['milk'], []]);
    const { customdata, ids } = figure.data[0] as SunburstTrace;
    expect(customdata?.[ids.indexOf('["fruit","apple"]')]).toBe(
      'fruit &gt; apple<br>1 product, 33.3% of fruit, 20.0% of all',
    );
    expect(customdata?.[ids.indexOf('["fruit"]')]).toBe('fruit<br>3 products, 60.0% of all');
  });
});
