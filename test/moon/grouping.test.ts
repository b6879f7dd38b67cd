import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { MoonConfig } from '../../src/config/config.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { embedSequences } from '../../src/encoder/embed.js';
import { type Encoder, sequenceOptions } from '../../src/encoder/encoder.js';
import { loadEncoderFolder, saveEncoder } from '../../src/encoder/model-folder.js';
import { prepare } from '../../src/encoder/prepare.js';
import { unflatten } from '../../src/engine/flat-weights.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import type { Aspect } from '../../src/moon/aspect-option.js';
import { groundingSequence } from '../../src/moon/captions.js';
import { routerChoices } from '../../src/moon/experts/router-choices.js';
import { embedBatch, initMoon } from '../../src/moon/model.js';
import { productSequence, querySequence, type Sequence } from '../../src/moon/sequence.js';
import { train } from '../../src/train/loop.js';
import { batchOf, picture, products, reading, smallModel } from './small.js';

/** Texts together, attributes alone, pictures together; prompts are left to the ordinary experts. */
const groups = { title: 'text', category: 'text', attribute: 'attribute', image: 'picture', crop: 'picture' };
const grouped = (count: number, topK = 1) => ({ kind: 'guided' as const, count, topK, blocks: [1], guide: groups });
const readBy: Record<Aspect, string> = { ...groups, words: 'experts', prompt: 'experts' };

const read = reading(smallModel());
const [apple, onlyTitle, juice] = products.map((product) => productSequence(product, read));
const query = querySequence({ id: 'q', image: picture('photo'), text: 'green' }, read);
const prompted = groundingSequence(picture('photo'), 'apple', { x1: 0.2, y1: 0.2, x2: 0.8, y2: 0.8 }, 32, read);
const all: Sequence[] = [apple, onlyTitle, juice, query, prompted];

function newWeights(experts: ReturnType<typeof grouped>) {
  return initMoon(smallModel(experts), randomStream(1, 'init'));
}

function embed(experts: Parameters<typeof smallModel>[0], sequences: Sequence[], weights: Record<string, tf.Tensor>) {
  const model = smallModel(experts);
  const { batch, tensors } = batchOf(model, sequences);
  return { batch, ...embedBatch(model, weights, batch, tensors) };
}

describe.each([grouped(5), grouped(5, 2)])('a network of other groups: %o', (experts) => {
  const weights = newWeights(experts);
  const before = embed(experts, all, weights);

  test('every token is read by the expert of its aspect, and by no other', () => {
    const rowsOf = (hidden: tf.Tensor3D) => tf.reshape(hidden, [-1, hidden.shape[2]]).arraySync() as number[][];
    const old = rowsOf(before.hidden);
    for (const group of ['experts', 'text', 'attribute', 'picture']) {
      // Behind the last block nothing but a norm follows: what an expert gives a token is seen at that token alone.
      const name = `model.layers.1.mlp.${group}.down_proj`;
      const changed = rowsOf(embed(experts, all, { ...weights, [name]: tf.add(weights[name], 0.5) }).hidden);
      const moved = before.batch.aspects.map(
        (aspect, row) => aspect && changed[row].some((x, at) => x !== old[row][at]),
      );
      expect(moved, group).toEqual(before.batch.aspects.map((aspect) => aspect && readBy[aspect] === group));
    }
  });

  test('the choices that are told name the groups', async () => {
    const choices = await routerChoices(experts, before.batch, before.experts);
    // No words are read on these pictures.
    const shown = Object.keys(readBy).filter((aspect) => aspect !== 'words');
    expect(new Set(choices.map(({ aspect }) => aspect))).toEqual(new Set(shown));
    for (const { aspect, expert } of choices) {
      if (aspect === 'prompt') expect([0, 1]).toContain(expert);
      else expect(expert).toBe(readBy[aspect]);
    }
  });

  test('an embedding does not depend on its batch-mates', () => {
    for (const own of [apple, prompted]) {
      const alone = embed(experts, [own], weights).embeddings.dataSync();
      for (const mates of [[onlyTitle], [juice, query], [prompted, onlyTitle, apple, juice]]) {
        const together = embed(experts, [...mates, own], weights).embeddings;
        const last = tf.slice(together, [mates.length, 0], [1, -1]).dataSync();
        alone.forEach((value, at) => {
          expect(last[at]).toBeCloseTo(value, 5);
        });
      }
    }
  });
});

test('with one expert a group, all copies of the dense layer, it is the dense network', () => {
  const dense = initMoon(smallModel({ kind: 'none' }), randomStream(1, 'init'));
  const expected = embed({ kind: 'none' }, all, dense).hidden;
  const { hidden, batch } = embed(grouped(4), all, newWeights(grouped(4)));
  const apart = tf.max(tf.abs(tf.sub(hidden, expected)), 2).dataSync();
  batch.aspects.forEach((aspect, row) => {
    if (aspect) expect(apart[row]).toBeLessThan(1e-5);
  });
});

test("the paper's table said in words is the default, bit for bit", () => {
  const silent = { kind: 'guided' as const, count: 5, topK: 2, blocks: [1] };
  const spoken = { ...silent, guide: { category: 'category', attribute: 'attribute' } };
  const [one, other] = [silent, spoken].map((experts) => {
    const weights = initMoon(smallModel(experts), randomStream(1, 'init'));
    const { batch, hidden } = embed(experts, all, weights);
    return { names: Object.keys(weights), groups: batch.groups, slots: batch.rowOfSlot, hidden: hidden.dataSync() };
  });
  expect(other).toEqual(one);
});

describe('a run of other groups', () => {
  const folder = mkdtempSync(join(tmpdir(), 'moon-grouping-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const plain = { clutter: 0, background: 0, watermark: 0, nearIdentical: 0 };
  const shop = generateShop({ ...plain, products: 40, trainQueries: 80, evaluationQueries: 10, imageSize: 24 });
  const config: MoonConfig = {
    ...grocery,
    network: { size: 'nano', vocabulary: 400, stem: { kind: 'patch' }, visionDepth: 1 },
    experts: grouped(4),
    imageSize: 16,
    region: { kind: 'centre' },
    sampler: { ...grocery.sampler, products: 6 },
    average: { kind: 'none' },
    // Without decay, what has no gradient stays to the bit.
    optimizer: { ...grocery.optimizer, steps: 3, warmUpSteps: 1, weightDecay: 0 },
  };

  async function run(compile: boolean) {
    const { encoder, pixels } = await prepare({ ...config, engine: { compile } }, shop);
    const start = numbersOf(encoder);
    const losses: number[] = [];
    await train(encoder, shop, pixels, { onStep: ({ loss }) => losses.push(loss) });
    const sequences = shop.products.map((product) => productSequence(product, sequenceOptions(encoder, pixels)));
    const embedAll = async (encoder: Encoder) => (await embedSequences(encoder, sequences, pixels)).vectors;
    return { encoder, start, end: numbersOf(encoder), losses, embedAll };
  }

  function numbersOf({ parameters, layout }: Encoder): Record<string, Float32Array> {
    return tf.tidy(() =>
      Object.fromEntries(
        Object.entries(unflatten(parameters, layout)).map(([name, weight]) => [name, weight.dataSync<'float32'>()]),
      ),
    );
  }

  test('trains, compiled as operation by operation; every group learns for itself, and it is found again in its folder', async () => {
    const [compiled, slow] = [await run(true), await run(false)];
    const { start, end, encoder } = compiled;
    compiled.losses.forEach((loss, at) => {
      expect(loss).toBeCloseTo(slow.losses[at], 3);
    });
    const down = (group: string) => `model.layers.1.mlp.${group}.down_proj`;
    for (const group of ['text', 'attribute', 'picture'])
      expect(end[down(group)], group).not.toEqual(start[down(group)]);
    expect(start[down('text')]).toEqual(start[down('picture')]);
    expect(end[down('text')]).not.toEqual(end[down('picture')]);
    // No prompt stands in this training, so nothing came by the gate.
    for (const name of [down('experts'), 'model.layers.1.mlp.gate.weight'])
      expect(end[name], name).toEqual(start[name]);

    const vectors = await compiled.embedAll(encoder);
    const plainly = await slow.embedAll({ ...encoder, config: slow.encoder.config });
    vectors.forEach((value, at) => {
      expect(value).toBeCloseTo(plainly[at], 4);
    });
    saveEncoder(folder, encoder);
    const loaded = loadEncoderFolder(folder);
    expect(loaded.model.experts).toEqual(config.experts);
    expect(await compiled.embedAll(loaded)).toEqual(vectors);
    tf.dispose([loaded.parameters, encoder.parameters, slow.encoder.parameters]);
  });
});
