import { describe, expect, it } from 'vitest';
import { shopBackdrops } from '../../../src/datasets/shop/drawing/backdrop.js';
import { type View, viewOf } from '../../../src/datasets/shop/drawing/view.js';
import type { Facts } from '../../../src/datasets/shop/facts.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';

/** Views of few products, so that a probe has many examples of each. */
const productCount = 12;
const shop = generateShop({
  products: productCount,
  views: 400,
  trainQueries: 0,
  evaluationQueries: 0,
  nearIdentical: 0,
});

/** Everything that the view says, as numbers. */
function nuisance({ camera, background, clutter, watermark }: View): number[] {
  const first = clutter[0] ?? { x: 0, y: 0, size: 0, turn: 0, mirror: false };
  return [
    ...Object.values(camera).map(Number),
    ...shopBackdrops.map((kind) => Number(kind === background.kind)),
    ...background.hues,
    ...background.lightness,
    ...background.numbers,
    clutter.length,
    ...[first.x, first.y, first.size, first.turn, Number(first.mirror)],
    ...Object.values(watermark),
  ];
}

const samples = shop.products.flatMap((product, label) =>
  product.images.map((image) => ({
    label,
    facts: shop.facts.get(product.id)!,
    features: nuisance(viewOf(shop.settings.seed, image.id, shop.settings.clutter)),
  })),
);

/** Ridge regression onto one-hot classes, fitted on the even samples; share of odd samples whose largest output is right. */
function linearProbe(features: number[][], labels: number[]): number {
  const classes = Math.max(...labels) + 1;
  const rows = standardised(features).map((row) => [...row, 1]);
  const width = rows[0].length;
  const system = Array.from({ length: width }, (_, i) => {
    const line = new Array<number>(width + classes).fill(0);
    line[i] = 1;
    return line;
  });
  rows.forEach((row, n) => {
    if (n % 2 === 1) return;
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) system[i][j] += row[i] * row[j];
      system[i][width + labels[n]] += row[i];
    }
  });
  const weights = eliminate(system, width);
  let right = 0;
  let count = 0;
  rows.forEach((row, n) => {
    if (n % 2 === 0) return;
    const scores = Array.from({ length: classes }, (_, c) => row.reduce((sum, x, i) => sum + x * weights[i][c], 0));
    if (scores.indexOf(Math.max(...scores)) === labels[n]) right++;
    count++;
  });
  return right / count;
}

/** The nearest class centroid of the even samples; share of odd samples that are right. */
function centroidProbe(features: number[][], labels: number[]): number {
  const rows = standardised(features);
  const classes = Math.max(...labels) + 1;
  const centroids = Array.from({ length: classes }, (_, c) => {
    const own = rows.filter((_, n) => n % 2 === 0 && labels[n] === c);
    return rows[0].map((_, i) => own.reduce((sum, row) => sum + row[i], 0) / own.length);
  });
  const odd = rows.flatMap((row, n) => (n % 2 === 1 ? [{ row, label: labels[n] }] : []));
  const right = odd.filter(({ row, label }) => {
    const distances = centroids.map((centre) => centre.reduce((sum, x, i) => sum + (x - row[i]) ** 2, 0));
    return distances.indexOf(Math.min(...distances)) === label;
  });
  return right.length / odd.length;
}

function standardised(features: number[][]): number[][] {
  const means = features[0].map((_, i) => features.reduce((sum, row) => sum + row[i], 0) / features.length);
  const scales = means.map((mean, i) =>
    Math.sqrt(features.reduce((sum, row) => sum + (row[i] - mean) ** 2, 0) / features.length + 1e-9),
  );
  return features.map((row) => row.map((x, i) => (x - means[i]) / scales[i]));
}

/** Gauss-Jordan elimination of a positive definite system [A | B]; gives the solution's rows. */
function eliminate(system: number[][], width: number): number[][] {
  for (let i = 0; i < width; i++) {
    const pivot = system[i][i];
    system[i] = system[i].map((x) => x / pivot);
    for (let j = 0; j < width; j++) {
      const factor = system[j][i];
      if (j !== i) system[j] = system[j].map((x, k) => x - factor * system[i][k]);
    }
  }
  return system.map((line) => line.slice(width));
}

/** Four standard deviations above chance, for the samples that a probe is scored on. */
function limit(chance: number): number {
  return chance + 4 * Math.sqrt((chance * (1 - chance)) / (samples.length / 2));
}

function labelled(of: (facts: Facts) => string): { labels: number[]; majority: number } {
  const names = [...new Set(samples.map(({ facts }) => of(facts)))];
  const labels = samples.map(({ facts }) => names.indexOf(of(facts)));
  const counts = names.map((_, c) => labels.filter((label) => label === c).length);
  return { labels, majority: Math.max(...counts) / labels.length };
}

describe('background, camera, clutter and watermark', () => {
  const features = samples.map((sample) => sample.features);
  const labels = samples.map((sample) => sample.label);

  it('do not predict the product', () => {
    expect(linearProbe(features, labels)).toBeLessThan(limit(1 / productCount));
    expect(centroidProbe(features, labels)).toBeLessThan(limit(1 / productCount));
  });

  it.each(['colour', 'pattern', 'size'] as const)('do not predict the %s', (name) => {
    const { labels: values, majority } = labelled((facts) => facts[name]);
    expect(linearProbe(features, values)).toBeLessThan(limit(majority));
  });

  it('would be caught by the probes if the turn were shifted by two standard deviations for every third product', () => {
    const leaking = samples.map(({ features: row, label }) => [row[0] + (label % 3 === 0 ? 0.16 : 0), ...row.slice(1)]);
    expect(linearProbe(leaking, labels)).toBeGreaterThan(limit(1 / productCount));
    expect(centroidProbe(leaking, labels)).toBeGreaterThan(limit(1 / productCount));
  });

  it('differ between every gallery image and every query image', () => {
    const small = generateShop({ products: 50, trainQueries: 100, evaluationQueries: 20 });
    const images = [...small.products.flatMap((p) => p.images), ...small.pairs.flatMap((p) => p.query.image ?? [])];
    const views = images.map((image) => viewOf(0, image.id, 0.5));
    for (const part of ['camera', 'background', 'watermark'] as const) {
      expect(new Set(views.map((view) => JSON.stringify(view[part]))).size).toBe(views.length);
    }
  });
});
