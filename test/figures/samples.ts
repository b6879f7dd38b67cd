import { randomStream } from '../../src/engine/random.js';
import { attentionMap } from '../../src/figures/cards/attention-map.js';
import { gallery } from '../../src/figures/cards/gallery.js';
import { galleryChanges } from '../../src/figures/cards/gallery-changes.js';
import { hardNegatives } from '../../src/figures/cards/hard-negatives.js';
import { judgedTexts } from '../../src/figures/cards/judged-texts.js';
import { productShelf } from '../../src/figures/cards/product-shelf.js';
import { regionBoxes } from '../../src/figures/cards/region-boxes.js';
import { regionPairs } from '../../src/figures/cards/region-pairs.js';
import type { Figure } from '../../src/figures/figure.js';
import { embeddingMap } from '../../src/figures/maps/embedding-map.js';
import { mapComparison } from '../../src/figures/maps/map-comparison.js';
import { ablationTable } from '../../src/figures/plots/ablation-table.js';
import { categoryBars } from '../../src/figures/plots/category-bars.js';
import { categorySunburst } from '../../src/figures/plots/category-sunburst.js';
import { confusionMatrix } from '../../src/figures/plots/confusion-matrix.js';
import { countBars } from '../../src/figures/plots/count-bars.js';
import { directionBars } from '../../src/figures/plots/direction-bars.js';
import { doseResponse } from '../../src/figures/plots/dose-response.js';
import { exchangePlot } from '../../src/figures/plots/exchange-plot.js';
import { expertLoad } from '../../src/figures/plots/expert-load.js';
import { factBars } from '../../src/figures/plots/fact-bars.js';
import { forestPlot } from '../../src/figures/plots/forest-plot.js';
import { interactionPlot } from '../../src/figures/plots/interaction-plot.js';
import { keptWeights } from '../../src/figures/plots/kept-weights.js';
import { lossCurve } from '../../src/figures/plots/loss-curve.js';
import { retrievalTable } from '../../src/figures/plots/metric-table.js';
import { rankHistogram } from '../../src/figures/plots/rank-histogram.js';
import { reliabilityHistogram } from '../../src/figures/plots/reliability-histogram.js';
import { scoreChart } from '../../src/figures/plots/score-chart.js';
import { similarityCurve } from '../../src/figures/plots/similarity-curve.js';
import { taskVectorMap } from '../../src/figures/plots/task-vector-map.js';

/** A product's title as an attacker would write it: it must be seen as these characters wherever titles are shown. */
export const evil = '<script>alert(1)</script><img src=x onerror=alert(2)> "q" \'q\' & <b>bold</b>';

/** One green pixel. */
export const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const random = randomStream(5, 'samples');

function noisyCurve(name: string, level: number) {
  const steps = Array.from({ length: 200 }, (_, step) => step);
  const values = steps.map((step) => Number((level + 3 * Math.exp(-step / 50) + 0.1 * random.normal()).toFixed(4)));
  return { name, steps, values };
}

const estimate = (value: number) => ({ value, low: value - 0.05, high: value + 0.05 });

/** A hostile name that still leaves room for the plot beside it. */
const short = '<script>alert(1)</script>';

const result = { label: evil, thumbnail: pixel, score: 0.91, hit: false };
const picture = { uri: pixel, width: 300, height: 200, label: 'pixel' };
const box = { x1: 0.2, y1: 0.2, x2: 0.7, y2: 0.8 };
const doses = [0, 0.4, 0.8].map((dose) => ({ dose: 100 * dose, n: 500, ...estimate(0.6 - dose / 2) }));
const steps = [0, 50, 100];

function mapPoints(count: number) {
  return Array.from({ length: count }, (_, i) => ({
    x: random.normal(),
    y: random.normal(),
    label: `${evil} ${i}`,
    group: i % 9 ? `group ${i % 9}` : evil,
    kind: i % 2 ? 'photo' : 'product',
    product: `${Math.floor(i / 2)}`,
    fields: { [evil]: i % 3 ? 'a brand' : evil, price: i },
    thumbnail: pixel,
  }));
}

/** Every figure of the house, filled with hostile text: the browser looks at each of them. */
export const figures: Record<string, Figure> = {
  loss: lossCurve([noisyCurve('guided', 1), noisyCurve('guided', 1.1), noisyCurve(evil, 1.3)], {
    title: evil,
    window: 10,
  }),
  map: embeddingMap(mapPoints(120), { title: evil, trustworthiness: 0.93, overlap: 0.41 }),
  metric: lossCurve([noisyCurve('guided', 30), noisyCurve('guided', 33), noisyCurve(short, 20)], {
    title: evil,
    quantity: short,
    step: short,
  }),
  space: embeddingMap(
    mapPoints(60).map((point) => ({ ...point, z: random.normal() })),
    { title: evil, trustworthiness: 0.95, overlap: 0.5, links: true },
  ),
  pictures: embeddingMap(mapPoints(60), {
    title: evil,
    links: true,
    pictures: 20,
    gaps: [{ between: [short, 'photo'], distance: 0.8 }],
  }),
  comparison: mapComparison(
    Array.from({ length: 60 }, (_, i) => ({
      label: `${evil} ${i}`,
      group: i % 5 ? `group ${i % 5}` : short,
      before: [random.normal(), random.normal()] as [number, number],
      after: [random.normal(), random.normal()] as [number, number],
      moved: i / 30,
      kept: 0.4,
      thumbnail: pixel,
    })),
    { title: evil, names: [short, 'MOON'], disparity: 0.3, trustworthiness: [0.9, 0.92], max: 4 },
  ),
  interaction: interactionPlot(
    ['without', short].flatMap((across) =>
      ['without', short].map((line) => ({ across, line, n: 296, ...estimate(0.4) })),
    ),
    { title: evil, across: short, line: short, metric: short, interaction: estimate(0.02) },
  ),
  counts: countBars([{ name: short, count: 3, note: evil }], { title: evil, quantity: short, total: 5, unit: short }),
  facts: factBars(
    [
      { source: 'decoder', right: 2.8, wrong: 2.4, unsaid: 1.8 },
      { source: short, right: 0.8, wrong: 3.2, unsaid: 3 },
    ],
    { title: evil, n: 100 },
  ),
  forest: forestPlot(
    [
      { name: 'without core region', difference: -0.04, low: -0.07, high: -0.01, n: 296 },
      { name: short, difference: 0.01, low: -0.02, high: 0.04, n: 280 },
    ],
    { title: evil, base: short, metric: short, detectable: 0.015 },
  ),
  ranks: rankHistogram(
    ['MOON', short].map((name) => ({ name, ranks: Array.from({ length: 100 }, () => 1 + random.integer(81)) })),
    81,
    evil,
  ),
  bars: categoryBars(
    ['apple', short, 'milk'].map((category, i) => ({ category, n: 10 + i, ...estimate(0.2 + i / 5) })),
    { title: evil, metric: short, chance: 0.1 },
  ),
  confusion: confusionMatrix(
    ['apple', short],
    [
      [8, 2],
      [1, 9],
    ],
    evil,
  ),
  experts: expertLoad(
    ['title', short].map((aspect) => ({ layer: 2, aspect, tokens: [600, 300, 100] })),
    evil,
  ),
  similarity: similarityCurve(
    ['positive', 'hard', short].map((kind) => ({
      kind,
      steps,
      mean: [0.4, 0.5, 0.6],
      low: [0.3, 0.4, 0.5],
      high: [0.5, 0.6, 0.7],
    })),
    128,
    evil,
  ),
  scores: scoreChart(
    [
      { name: 'MOON', value: 0.4, low: 0.3, high: 0.5, role: 'own' },
      { name: short, value: 0.1, low: 0.05, high: 0.15, role: 'control' },
      { name: 'rival', value: 0.36, role: 'rival' },
    ],
    { title: evil, metric: short, n: 296, chance: 0.06 },
  ),
  directions: directionBars(
    ['MOON', short].map((name) => ({
      name,
      scores: ['t->mm', short].map((direction) => ({ direction, ...estimate(0.4), chance: 0.05, n: 300 })),
    })),
    { title: evil, metric: short },
  ),
  reliability: reliabilityHistogram(
    {
      right: Array.from({ length: 200 }, () => random.uniform() ** 0.5),
      wrong: Array.from({ length: 80 }, () => random.uniform()),
    },
    { title: evil, auc: estimate(0.7), threshold: 0.6 },
  ),
  taskVectors: taskVectorMap(
    {
      models: ['photos', short].map((name, at) => ({ name, length: 3 + at, ofBase: 0.02 })),
      cosines: [
        [1, 0.12],
        [0.12, 1],
      ],
      interference: 0.31,
    },
    evil,
  ),
  kept: keptWeights(
    ['wanda', short].map((name, at) => ({
      name,
      blocks: [0, 1, 2].map((block) => ({ block, weights: 1000, zeros: 500 + 40 * (at * block - 1) })),
    })),
    evil,
  ),
  dose: doseResponse(
    [
      { name: 'core', points: doses },
      { name: short, points: doses },
    ],
    { title: evil, dose: short, metric: short, chance: 0.1 },
  ),
  exchange: exchangePlot(
    Array.from({ length: 12 }, (_, at) => ({
      group: at % 4 ? `row ${at % 4}` : short,
      intermediate: 0.3 + 0.02 * at,
      downstream: 0.2 + 0.01 * at + 0.005 * (at % 3),
    })),
    { title: evil, names: [short, short], line: { rate: { value: 0.5, low: 0.2, high: 0.9 }, intercept: 0.05 } },
  ),
  regions: regionBoxes(
    picture,
    [
      { label: 'true', box, truth: true },
      { label: short, box, score: 0.8 },
    ],
    evil,
  ),
  attention: attentionMap(
    picture,
    {
      weights: [
        [1, 2],
        [3, 4],
      ],
      core: box,
    },
    evil,
  ),
  sunburst: categorySunburst([['fruit', 'apple'], ['fruit', short], [short], []], evil),
};

/** Every table and gallery, likewise. */
export const pieces: Record<string, string> = {
  table: retrievalTable(
    [
      {
        name: evil,
        n: 296,
        chance: { 'R@1': 1 / 81, [evil]: 0.5 },
        metrics: { 'R@1': estimate(0.352), [evil]: null },
        notes: [evil],
      },
      { name: 'untrained', n: 296, chance: 0.1, metrics: { 'R@1': estimate(0.1), [evil]: estimate(0.2) } },
    ],
    evil,
  ).html,
  ablation: ablationTable(
    [
      { name: 'base', n: 296, seeds: 3, score: estimate(0.46) },
      { name: evil, n: 296, seeds: 3, score: estimate(0.4), difference: estimate(-0.06), p: 0.01, note: evil },
    ],
    { caption: evil, metric: evil, chance: 0.06, detectable: 0.03 },
  ).html,
  shelf: productShelf([{ label: evil, below: evil, thumbnail: pixel }], 9),
  judged: judgedTexts(
    [
      {
        product: { label: evil, thumbnail: pixel },
        texts: [
          { source: evil, parts: [{ text: evil }, { text: evil, isTrue: true }, { text: 'plain', isTrue: false }] },
          { source: 'nobody', parts: [] },
        ],
      },
    ],
    evil,
  ),
  regions: regionPairs(
    [{ whole: { label: evil, thumbnail: pixel, box: { x1: 0.1, y1: 0.2, x2: 0.7, y2: 0.8 } }, crop: pixel }],
    evil,
  ),
  changes: galleryChanges(
    [
      {
        query: { label: evil, thumbnail: pixel },
        before: { rank: 5, results: [result] },
        after: { rank: 1, results: [{ ...result, hit: true }] },
      },
    ],
    { title: evil, names: [evil, 'MOON'] },
  ),
  hard: hardNegatives(
    [
      {
        source: evil,
        query: { label: evil },
        positive: { label: evil, similarity: 0.5 },
        negative: { label: evil, similarity: 0.6 },
        doubt: evil,
      },
    ],
    evil,
  ),
  gallery: gallery(
    [
      {
        query: { label: evil, thumbnail: pixel, box: { x1: 0.1, y1: 0.2, x2: 0.7, y2: 0.8 } },
        results: [
          { label: evil, thumbnail: pixel, score: 0.91, hit: false },
          { label: 'pear', score: 0.83, hit: true },
        ],
      },
    ],
    evil,
  ),
};
