import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { type InstanceExample, instanceBatch } from '../../src/instances/batch.js';
import { meet, pooled, readRegions, readWords, regionFeatures } from '../../src/instances/forward.js';
import { instanceLoss } from '../../src/instances/loss.js';
import { HIDDEN_WORD, initInstances } from '../../src/instances/network.js';
import { instanceOption } from '../../src/instances/option.js';
import { trainBytePairs } from '../../src/text/byte-pair-trainer.js';
import { createTokenizer } from '../../src/text/tokenizer.js';

const features = 5;
const option = instanceOption({ width: 16, heads: 2, words: 1, regions: 1, hidden: 0.5 });
const stream = randomStream(3, 'regions');
const region = () => Float32Array.from({ length: features }, () => stream.normal());
const examples: InstanceExample[] = [
  { id: 'a', text: 'red cup, blue bowl', regions: [region(), region(), region()], products: ['cup', 'bowl'] },
  { id: 'b', text: 'green plate', regions: [region()], products: ['plate'] },
  { id: 'c', text: 'blue bowl', regions: [region(), region()], products: ['bowl'] },
];
const tokenizer = createTokenizer(
  trainBytePairs(
    examples.map(({ text }) => text),
    { vocabSize: 300, specials: [HIDDEN_WORD] },
  ),
);
const weights = initInstances(option, tokenizer.size, features, randomStream(1, 'init'));
const shape = { tokens: 24, regions: 3, features };
const valuesOf = (x: tf.Tensor) => [...x.dataSync()];

describe('the stream of regions', () => {
  const read = (rows: Float32Array[], room: number) => {
    const values = new Float32Array(room * features).fill(9);
    for (const [at, row] of rows.entries()) values.set(row, at * features);
    const mask = Array.from({ length: room }, (_, at) => Number(at < rows.length));
    return valuesOf(
      pooled(readRegions(option, weights, tf.tensor3d(values, [1, room, features]), tf.tensor2d([mask]))),
    );
  };

  test('sees a set: neither the order of regions nor padding changes its mean', () => {
    const [one, two, three] = examples[0].regions;
    const expected = read([one, two, three], 3);
    for (const other of [read([three, one, two], 3), read([one, two, three], 5)])
      other.forEach((value, at) => {
        expect(value).toBeCloseTo(expected[at], 4);
      });
    expect(Math.abs(read([one, two], 3)[0] - expected[0])).toBeGreaterThan(1e-3);
  });
});

describe('a batch', () => {
  test('hides words and regions where they have a weight, and says what they were', () => {
    const { ids, places, targets, factors, hidden, same, wordMask, regionMask } = instanceBatch(
      examples,
      tokenizer,
      option,
      shape,
      randomStream(1, 'hide'),
    );
    const [shown, real] = [valuesOf(ids), valuesOf(wordMask)];
    const noise = tokenizer.idOf(HIDDEN_WORD)!;
    const gone = valuesOf(targets).filter((target) => target >= 0).length;
    expect(gone).toBe(shown.filter((id) => id === noise).length);
    expect(valuesOf(factors)[0]).toBeCloseTo(1 / gone, 6);
    examples.forEach(({ text }, row) => {
      const own = tokenizer.encode(text);
      const restored = shown.slice(row * shape.tokens, row * shape.tokens + own.length);
      valuesOf(places).forEach((place, at) => {
        const target = valuesOf(targets)[at];
        if (target >= 0 && Math.floor(place / shape.tokens) === row) restored[place - row * shape.tokens] = target;
      });
      expect(restored).toEqual(own);
      expect(real.slice(row * shape.tokens).filter((_, at) => at < shape.tokens)).toEqual(
        Array.from({ length: shape.tokens }, (_, at) => Number(at < own.length)),
      );
    });
    expect(valuesOf(hidden).every((value, at) => value <= valuesOf(regionMask)[at])).toBe(true);
    expect(valuesOf(same)).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 1]);
    const none = instanceBatch(examples, tokenizer, { words: 0, regions: 0, hidden: 0.5 }, shape, stream);
    expect(valuesOf(none.ids)).not.toContain(noise);
    expect(valuesOf(none.hidden)).not.toContain(1);
  });
});

test('the contrast is before the streams meet: it teaches nothing beyond; hidden words and regions do', () => {
  const batch = instanceBatch(examples, tokenizer, option, shape, randomStream(1, 'hide'));
  const learns = (more: object) => {
    const names = Object.keys(weights);
    const own = { ...option, contrast: 0, words: 0, regions: 0, ...more };
    const { grads } = tf.variableGrads(() => {
      return tf.tidy(() => instanceLoss(own, variables, batch));
    }, Object.values(variables));
    const norms = new Map(
      names.map((name) => [name, grads[variables[name].name] ? tf.norm(grads[variables[name].name]).dataSync()[0] : 0]),
    );
    return (prefix: string) => [...norms].some(([name, norm]) => name.startsWith(prefix) && norm > 0);
  };
  const variables = Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, tf.variable(weight)]));
  const contrast = learns({ contrast: 1 });
  expect(['words.', 'regions.', 'region.weight'].map(contrast)).toEqual([true, true, true]);
  expect(['meeting.', 'joint.', 'features.'].map(contrast)).toEqual([false, false, false]);
  const words = learns({ words: 1 });
  expect(['words.', 'regions.', 'meeting.0.words.', 'joint.'].map(words)).toEqual([true, true, true, true]);
  const regions = learns({ regions: 1 });
  expect(['words.', 'regions.', 'meeting.0.regions.', 'joint.', 'features.'].map(regions)).toEqual([
    true,
    true,
    true,
    true,
    true,
  ]);
});

test('what is said of a hidden region does not depend on it, and does on the words', () => {
  const said = (hiddenRegion: number[], text: string) => {
    const ids = tokenizer.encode(text);
    const words = readWords(option, weights, tf.tensor2d([ids], undefined, 'int32'), tf.ones([1, ids.length]));
    const rows = tf.tensor3d([[hiddenRegion, [...examples[0].regions[1]]]]);
    const regions = readRegions(option, weights, rows, tf.ones([1, 2]), tf.tensor2d([[1, 0]]));
    const met = meet(option, weights, words, regions);
    return valuesOf(regionFeatures(weights, tf.reshape(met.regions, [2, option.width]))).slice(0, features);
  };
  const expected = said([0, 0, 0, 0, 0], 'red cup');
  expect(said([5, 4, 3, 2, 1], 'red cup')).toEqual(expected);
  expect(said([0, 0, 0, 0, 0], 'green plate')).not.toEqual(expected);
});
