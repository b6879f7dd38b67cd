import { describe, expect, it } from 'vitest';
import { gallery } from '../../src/figures/cards/gallery.js';
import { galleryChanges } from '../../src/figures/cards/gallery-changes.js';
import { hardNegatives } from '../../src/figures/cards/hard-negatives.js';
import type { ScatterTrace } from '../../src/figures/figure.js';
import { mapComparison } from '../../src/figures/maps/map-comparison.js';
import { describeFigure } from '../../src/figures/page/describe-figure.js';
import { ablationTable } from '../../src/figures/plots/ablation-table.js';
import { interactionPlot } from '../../src/figures/plots/interaction-plot.js';

const estimate = (value: number) => ({ value, low: value - 0.1, high: value + 0.1 });

describe('interactionPlot', () => {
  it('draws a line a level over the other factor, in the order given, with intervals and the interaction', () => {
    const cells = ['plain', 'guided'].flatMap((line, a) =>
      ['none', 'boxes'].map((across, b) => ({ across, line, n: 9 + a, ...estimate(0.2 + 0.1 * a + 0.2 * b * a) })),
    );
    const figure = interactionPlot(cells, { across: 'regions', line: 'experts', interaction: estimate(0.2) });
    const [plain, guided] = figure.data as ScatterTrace[];
    expect(plain.y.map((value) => Math.round(Number(value)))).toEqual([20, 20]);
    expect(guided.y.map((value) => Math.round(Number(value)))).toEqual([30, 50]);
    expect(guided.x.map((x) => Math.round(Number(x)))).toEqual([0, 1]);
    expect(figure.layout.xaxis?.ticktext).toEqual(['none', 'boxes']);
    expect(guided.error_y?.array[0]).toBeCloseTo(10);
    expect(describeFigure(figure)).toContain('n = 9 to 10 queries per point');
    expect(describeFigure(figure)).toContain('interaction +20.0 [+10.0, +30.0] points');
  });
});

describe('mapComparison', () => {
  it('numbers the points that moved most, the furthest first, at their places on both maps', () => {
    const points = [0.1, 0.9, 0.5].map((moved, at) => ({
      label: `product ${at}`,
      group: 'one',
      before: [at, 0] as [number, number],
      after: [at, 1] as [number, number],
      moved,
      kept: 0.5,
    }));
    const figure = mapComparison(points, { names: ['a', 'b'], disparity: 0.2, trustworthiness: [0.9, 0.8], max: 2 });
    const rings = (figure.data as ScatterTrace[]).filter(({ mode }) => mode === 'markers+text');
    expect(rings.map(({ text, x, y, xaxis }) => [text?.[0], x[0], y[0], xaxis])).toEqual([
      ['<b>1</b>', 1, 0, 'x'],
      ['<b>1</b>', 1, 1, 'x2'],
      ['<b>2</b>', 2, 0, 'x'],
      ['<b>2</b>', 2, 1, 'x2'],
    ]);
    expect(rings[0].name).toBe('1: product 1 (0.90 radii)');
    expect(figure.layout.xaxis?.range).toEqual(figure.layout.xaxis2?.range);
    expect(describeFigure(figure)).toContain('both models share 50% of nearest neighbours');
  });
});

it('the ablation table shows score, difference, p and what could be seen', () => {
  const { text } = ablationTable(
    [
      { name: 'base', n: 296, seeds: 3, score: { value: 0.46, low: 0.42, high: 0.5 } },
      {
        name: 'no region',
        n: 296,
        seeds: 3,
        score: { value: 0.4, low: 0.36, high: 0.44 },
        difference: { value: -0.06, low: -0.1, high: -0.02 },
        p: 0.0004,
      },
    ],
    { chance: 0.061, detectable: 0.03 },
  );
  expect(text).toBe(
    [
      'Ablation',
      '             n  seeds              MRR %  difference (points)  p (Holm)',
      'base       296      3  46.0 [42.0, 50.0]                 base         -',
      'no region  296      3  40.0 [36.0, 44.0]   -6.0 [-10.0, -2.0]   < 0.001',
      '95% interval in brackets; chance 6.1; smallest detectable difference: 3.0 points',
    ].join('\n'),
  );
});

describe('gallery', () => {
  it('counts hits among the results, and says nothing of hits where there are no results', () => {
    const result = (hit: boolean) => ({ label: 'pear', score: 0.5, hit });
    const rows = [
      { query: { label: 'a' }, results: [result(false), result(true)] },
      { query: { label: 'b' }, results: [result(false)], rank: 7 / 3 },
    ];
    expect(gallery(rows)).toContain('n = 2 queries; 1 find their product among the 2 nearest');
    expect(gallery(rows)).toContain('query (product at rank 2.3)');
    expect(gallery(rows.map(({ query }) => ({ query, results: [] })))).toContain('<small>n = 2 queries</small>');
  });
});

describe('gallery of a search', () => {
  it('calls nothing right or wrong, and shows lines below an item as text', () => {
    const results = [{ label: '<b>pear</b>', score: 0.5, below: ['title <i>0.25</i>'] }];
    const html = gallery([{ query: { label: 'a' }, results }], 'Search');
    expect(html).toContain('<small>n = 1 query; the 1 nearest</small>');
    expect(html).toContain('<small>1. 0.500</small>');
    expect(html).toContain('<small>title &lt;i&gt;0.25&lt;/i&gt;</small>');
    expect(html).not.toMatch(/<b>|hit|miss/);
  });
});

describe('galleries of two sides', () => {
  it('galleryChanges counts gains and losses and shows the largest of both', () => {
    const row = (label: string, before: number, after: number) => ({
      query: { label },
      before: { rank: before, results: [] },
      after: { rank: after, results: [] },
    });
    const rows = [row('slightly up', 40, 30), row('up', 9, 1), row('same', 3, 3), row('down', 1, 7)];
    const html = galleryChanges(rows, { names: ['old', 'new'], max: 2 });
    expect(html).toContain('n = 4 queries; 2 rank their product higher, 1 lower, 1 the same');
    expect(html).toContain('rank 9 → 1');
    expect(html).toContain('rank 1 → 7');
    expect(html).not.toContain('slightly up');
  });

  it('hardNegatives puts the negative that is nearest beyond its positive first', () => {
    const pair = (label: string, positive: number, negative: number) => ({
      source: 'hard',
      query: { label },
      positive: { label: 'bought', similarity: positive },
      negative: { label: 'other', similarity: negative },
    });
    const html = hardNegatives([pair('easy', 0.9, 0.1), { ...pair('hard', 0.5, 0.6), doubt: 'the same title' }]);
    expect(html.indexOf('>hard<')).toBeLessThan(html.indexOf('>easy<'));
    expect(html).toContain('in 1 the negative is at least as near as the positive; 1 may be false negatives');
    expect(html).toContain('0.100 above the positive; maybe a false negative: the same title');
  });
});
