import { describe, expect, test } from 'vitest';
import { logits } from '../../../src/backbones/layers/decoder.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { type Encoder, sequenceOptions } from '../../../src/encoder/encoder.js';
import { prepare } from '../../../src/encoder/prepare.js';
import { uploadPictured } from '../../../src/encoder/upload.js';
import { isRepeating } from '../../../src/encoder/writing/repeating.js';
import { writeTexts } from '../../../src/encoder/writing/write-texts.js';
import { unflatten } from '../../../src/engine/flat-weights.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { randomStream } from '../../../src/engine/random.js';
import * as tf from '../../../src/engine/tf.js';
import type { Aspect } from '../../../src/moon/aspect-option.js';
import { buildBatch } from '../../../src/moon/batch.js';
import { batchOptions, embedBatch } from '../../../src/moon/model.js';
import { questionAbout, questionSequence } from '../../../src/moon/question.js';
import { END_OF_TEXT, type Sequence, specialTokens } from '../../../src/moon/sequence.js';
import { train } from '../../../src/train/loop.js';
import { shopOptions, shortConfig } from '../../train/run/short-run.js';

const shop = generateShop(shopOptions);
const { encoder, pixels } = await prepare(shortConfig, shop);
await train(encoder, shop, pixels);
const read = sequenceOptions(encoder, pixels);
/** Questions of different lengths, with pictures and without. */
const prompts = shop.products
  .slice(0, 10)
  .flatMap((product, at) =>
    (['category', 'attribute'] as const).map((kind) =>
      questionSequence(questionAbout(product, at % 3 ? product.images[0] : undefined, kind, at)!, read),
    ),
  );

/** Scores of the next token, of the whole sequence alone and without a cache. */
function scoresAfter(own: Encoder, { id, segments }: Sequence, ids: number[], aspect: Aspect): number[] {
  const sequence = { id, segments: ids.length ? [...segments, { aspect, ids }] : segments };
  return tf.tidy(() => {
    const batch = buildBatch([sequence], { ...batchOptions(own.model), bucket: 1 });
    const weights = unflatten(own.parameters, own.layout);
    const tensors = uploadPictured(batch, own.model, pixels);
    const { hidden } = embedBatch({ ...own.model, attention: 'causal' }, weights, batch, tensors);
    const scores = logits(weights, tf.reshape(hidden, [-1, hidden.shape[2]]) as tf.Tensor2D).arraySync();
    return scores[scores.length - 1];
  });
}

describe('texts that are written together', () => {
  test.each(['attribute', 'title'] as const)('are those of each alone, token by token: %s', async (aspect) => {
    let found: Awaited<ReturnType<typeof writeTexts>> = [];
    const { leaked } = await countLeaks(async () => {
      found = await writeTexts(encoder, prompts, pixels, { most: 7, aspect });
    });
    expect(leaked).toBe(0);
    expect(found.length).toBe(prompts.length);
    const end = encoder.tokenizer.idOf(END_OF_TEXT)!;
    const special = new Set(specialTokens.map((token) => encoder.tokenizer.idOf(token)!));
    for (const [at, prompt] of prompts.entries()) {
      const { ids, ended } = found[at];
      const complete = ended === 'stop' ? [...ids, end] : ids;
      complete.forEach((id, place) => {
        const scores = scoresAfter(encoder, prompt, complete.slice(0, place), aspect);
        // Ties of floats aside, the likeliest of words and the end.
        const words = scores.filter((_, token) => token === end || !special.has(token));
        expect(scores[id]).toBeGreaterThan(Math.max(...words) - 1e-3);
        expect(special.has(id) && id !== end).toBe(false);
      });
      expect(ended === 'length').toBe(ids.length === 7 && !isRepeating(ids));
    }
  });

  test('do not depend on what is written beside them', async () => {
    const all = await writeTexts(encoder, prompts, pixels, { most: 5 });
    const [last] = await writeTexts(encoder, prompts.slice(-1), pixels, { most: 5 });
    expect(last).toEqual(all[prompts.length - 1]);
  });

  test('are sampled by their probability, and the same stream gives the same', async () => {
    const many = Array<Sequence>(640).fill(prompts[2]);
    const sample = (seed: number, temperature = 1) =>
      writeTexts(encoder, many, pixels, { most: 1, temperature, stream: randomStream(seed, 'sample') });
    const found = await sample(1);
    const scores = scoresAfter(encoder, prompts[2], [], 'title');
    for (const token of specialTokens)
      if (token !== END_OF_TEXT) scores[encoder.tokenizer.idOf(token)!] = Number.NEGATIVE_INFINITY;
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    const best = scores.indexOf(Math.max(...scores));
    const chance = Math.exp(scores[best]) / total;
    const count = found.filter(({ ids }) => ids[0] === best).length;
    expect(Math.abs(count / 640 - chance)).toBeLessThan(4 * Math.sqrt((chance * (1 - chance)) / 640) + 1e-3);
    expect(new Set(found.map(({ ids }) => ids[0])).size).toBeGreaterThan(1);
    expect(await sample(1)).toEqual(found);
    expect(await sample(2)).not.toEqual(found);
    expect(new Set((await sample(1, 1e-4)).map(({ ids }) => ids[0])).size).toBe(1);
  });

  test('wrong options are named, and a call can be stopped', async () => {
    await expect(writeTexts(encoder, prompts, pixels, { most: 0 })).rejects.toThrow('most: got 0');
    await expect(writeTexts(encoder, prompts, pixels, { most: 3, temperature: -1 })).rejects.toThrow(
      'temperature: got -1',
    );
    const stopped = AbortSignal.abort(new Error('enough'));
    await expect(writeTexts(encoder, prompts, pixels, { most: 3, signal: stopped })).rejects.toThrow('enough');
    expect(await writeTexts(encoder, [], pixels, { most: 3 })).toEqual([]);
  });
});

test('a loop is the same few tokens four times in a row', () => {
  expect(isRepeating([5, 1, 1, 1, 1])).toBe(true);
  expect(isRepeating([9, 1, 2, 1, 2, 1, 2, 1, 2])).toBe(true);
  expect(isRepeating([1, 1, 1, 2])).toBe(false);
  expect(isRepeating([1, 2, 3, 1, 2, 3, 1, 2, 3])).toBe(false);
  expect(isRepeating([])).toBe(false);
});
