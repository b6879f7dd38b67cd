import { expect, test } from 'vitest';
import type { MoonConfig } from '../../src/config/config.js';
import { plausibleRegion } from '../../src/data/region.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import type { Encoder } from '../../src/encoder/encoder.js';
import { flatten } from '../../src/engine/flat-weights.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import { explain } from '../../src/evaluate/explain.js';
import type { ExpertsOption } from '../../src/moon/experts/option.js';
import { initMoon } from '../../src/moon/model.js';
import { loadPixels } from '../../src/pictures/picture-store.js';
import { products, smallModel, tokenizer } from '../moon/small.js';
import { drawn, scene } from '../regions/scenes.js';

const box = { x1: 0.25, y1: 0.25, x2: 0.75, y2: 0.75 };
const photo = drawn(scene([40, 40], [10, 10, 30, 30]), 'photo');
const apple = { ...products[0], images: [photo] };

function open(experts: ExpertsOption, changes: Partial<MoonConfig> = {}): Encoder {
  const model = smallModel(experts);
  const config = { ...grocery, experts, imageSize: model.imageSize, ...changes };
  return { config, model, tokenizer, ...flatten(initMoon(model, randomStream(1, 'init'))) };
}

const guided: ExpertsOption = { kind: 'guided', count: 5, topK: 2, blocks: [0, 1] };
const pixels = loadPixels([{ image: photo }], {
  size: 32,
  detect: async () => [plausibleRegion('test', { box, score: 1 })] as const,
});

test('tells the sequence, the experts of every aspect, the box and the attention, and leaves no tensor', async () => {
  const encoder = open(guided);
  const given = await pixels;
  const { result, leaked } = await countLeaks(() => explain(encoder, apple, given));
  expect(leaked).toBe(0);
  const { sequence, experts, attention } = result;
  expect(sequence.map(({ aspect, text }) => `${aspect}: ${text}`)).toEqual([
    'image: ',
    'crop: ',
    'title: Golden Delicious',
    'category: Fruit > Apple',
    'attribute: colour: green, yellow;',
    'attribute: form: whole fruit;',
  ]);
  // Every token is read by the gate's two choices, designated tokens by their expert alone.
  for (const aspect of ['image', 'crop', 'title', 'category', 'attribute'] as const) {
    const tokens = sequence.filter((each) => each.aspect === aspect).reduce((sum, each) => sum + each.tokens, 0);
    const designated = aspect === 'category' || aspect === 'attribute';
    for (const block of [0, 1]) {
      const own = experts.filter((each) => each.block === block && each.aspect === aspect);
      expect(own.reduce((sum, each) => sum + each.tokens, 0)).toBe(tokens * (designated ? 1 : 2));
      if (designated) expect(own.map(({ expert }) => expert)).toEqual([aspect]);
      else expect(own.every(({ expert }) => [0, 1, 2].includes(expert as number))).toBe(true);
    }
  }
  expect(result.box).toEqual(box);
  expect([attention?.length, attention?.[0].length]).toEqual([2, 2]);
  expect(result.attentionInBox).toBeCloseTo(0.25, 10);
});

test('without experts, image or region there is nothing to tell of them; plain experts have numbers alone', async () => {
  const given = await pixels;
  const plain = await explain(open({ kind: 'plain', count: 3, topK: 1, blocks: [1] }), apple, given);
  expect(plain.experts.every(({ expert }) => typeof expert === 'number')).toBe(true);
  const bare = await explain(open({ kind: 'none' }), { ...apple, images: [] }, given);
  expect(bare).toMatchObject({ experts: [], box: null, attentionInBox: null, attention: null });
  const whole = await explain(open(guided, { region: { kind: 'none' } }), apple, given);
  expect(whole.sequence.map(({ aspect }) => aspect)).not.toContain('crop');
  expect([whole.box, whole.attentionInBox]).toEqual([null, null]);
  const crop = await explain(open(guided, { views: 'crop' }), apple, given);
  expect([crop.box, crop.attention, crop.attentionInBox]).toEqual([box, null, null]);
});
