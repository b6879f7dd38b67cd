import { expect, test } from 'vitest';
import { readyChanges, readyGrids } from '../../src/ablate/changes/ready-changes.js';
import { collectTrainingSet } from '../../src/data/training-set.js';
import { paper } from '../../src/datasets/grocery/recipes.js';
import { startNetwork } from '../../src/encoder/start-network.js';
import { unflatten } from '../../src/engine/flat-weights.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { sameCategory } from '../../src/negatives/same-category.js';
import { samplerOption } from '../../src/sampler/option.js';
import { type StepSample, sampleStep } from '../../src/sampler/sample.js';
import { shortConfig, shortShop } from '../train/run/short-run.js';

const trainingSet = collectTrainingSet(shortShop());
const hard = sameCategory(
  trainingSet.products.map(({ product }) => product),
  trainingSet.numbers,
);

/** Ten steps as a run of this config draws them. */
function drawsOf(config: typeof paper): StepSample[] {
  const stream = randomStream(config.seed, 'draw');
  const candidates = config.negatives.hard.kind === 'none' ? {} : { hard };
  return Array.from({ length: 10 }, () =>
    sampleStep(trainingSet, samplerOption({ ...config.sampler, products: 8 }), stream, candidates),
  );
}

const bought = ({ items, positiveOf }: StepSample) => [...new Set(positiveOf)].map((row) => items[row].product.id);

test('rows of a seed draw the same products, queries and pictures, whatever piece is taken out', () => {
  const base = drawsOf(paper);
  for (const name of [
    'withoutRegions',
    'withoutGuidance',
    'withoutHard',
    'withoutSpatialTemporal',
    'onlyInBatch',
  ] as const)
    drawsOf(readyChanges[name](paper)).forEach((draw, step) => {
      expect(bought(draw), name).toEqual(bought(base[step]));
      expect(
        draw.queries.map(({ id, text }) => [id, text]),
        name,
      ).toEqual(base[step].queries.map(({ id, text }) => [id, text]));
      const count = draw.items.length;
      expect(
        draw.itemImages.map((image) => image?.id),
        name,
      ).toEqual(base[step].itemImages.slice(0, count).map((image) => image?.id));
    });
});

test('another mix of query forms asks for the same products, and a query of the same form with the same words', () => {
  const base = drawsOf(paper);
  drawsOf(readyGrids.queryMix({ image: 1, text: 1, product: 1 })(paper)).forEach((draw, step) => {
    expect(bought(draw)).toEqual(bought(base[step]));
    draw.queries.forEach((query, at) => {
      if (query.id === base[step].queries[at].id) expect(query).toEqual(base[step].queries[at]);
    });
  });
});

test('rows of a seed start from the same weights in all parts that they share', () => {
  const shop = shortShop();
  const valuesOf = (config: typeof shortConfig) => {
    const { parameters, layout } = startNetwork(config, shop);
    const values = tf.tidy(() =>
      Object.fromEntries(
        Object.entries(unflatten(parameters, layout)).map(([name, weight]) => [name, [...weight.dataSync()]]),
      ),
    );
    parameters.dispose();
    return values;
  };
  const base = valuesOf(shortConfig);
  for (const name of ['withoutRegions', 'withoutGuidance', 'withoutExperts', 'withoutTemporal'] as const) {
    const other = valuesOf(readyChanges[name](shortConfig));
    const shared = Object.keys(other).filter((weight) => base[weight]?.length === other[weight].length);
    expect(shared.length).toBeGreaterThan(20);
    for (const weight of shared) expect(other[weight], `${name}: ${weight}`).toEqual(base[weight]);
  }
});
