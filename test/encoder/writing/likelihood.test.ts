import { describe, expect, test } from 'vitest';
import { logits } from '../../../src/backbones/layers/decoder.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { type Encoder, sequenceOptions } from '../../../src/encoder/encoder.js';
import { prepare } from '../../../src/encoder/prepare.js';
import { uploadPictured } from '../../../src/encoder/upload.js';
import { likelihoods } from '../../../src/encoder/writing/likelihood.js';
import { unflatten } from '../../../src/engine/flat-weights.js';
import { countLeaks } from '../../../src/engine/memory.js';
import * as tf from '../../../src/engine/tf.js';
import { buildBatch } from '../../../src/moon/batch.js';
import { batchOptions, embedBatch } from '../../../src/moon/model.js';
import { answerSegment, type Question, questionAbout, questionSequence } from '../../../src/moon/question.js';
import type { Pixels } from '../../../src/pictures/picture-store.js';
import { shopOptions, shortConfig } from '../../train/run/short-run.js';

const shop = generateShop(shopOptions);
const { encoder, pixels } = await prepare(shortConfig, shop);

/** Token by token, each after all before it, one sequence at a time, without padding. */
function slow(own: Encoder, question: Question, text: string, shown: Pixels): number {
  const read = sequenceOptions(own, shown);
  const { id, segments } = questionSequence(question, read);
  const answer = answerSegment(question.answer, text, read);
  const sequence = { id, segments: [...segments, answer] };
  return tf.tidy(() => {
    const batch = buildBatch([sequence], batchOptions(own.model));
    const tensors = uploadPictured(batch, own.model, shown);
    const weights = unflatten(own.parameters, own.layout);
    const { hidden } = embedBatch({ ...own.model, attention: 'causal' }, weights, batch, tensors);
    const scores = logits(weights, tf.reshape(hidden, [-1, hidden.shape[2]]) as tf.Tensor2D).arraySync();
    const before = segments.reduce((sum, { ids }) => sum + ids.length, 0);
    return answer.ids.reduce((sum, token, at) => {
      const row = scores[before + at - 1];
      const total = row.reduce((all, score) => all + Math.exp(score), 0);
      return sum + row[token] - Math.log(total);
    }, 0);
  });
}

describe('likelihoods of answers', () => {
  const questions = shop.products
    .slice(0, 5)
    .flatMap((product) =>
      (['category', 'attribute', 'box'] as const).map((kind) => questionAbout(product, product.images[0], kind)!),
    );
  const answers = ['red', 'clothing > tops > t-shirt', '1 2 3 4'];

  test('equal those of each sequence alone, read token by token', async () => {
    const choices = questions.map((question) => ({ question, answers }));
    let found: number[][] = [];
    const { leaked } = await countLeaks(async () => {
      found = await likelihoods(encoder, choices, pixels);
    });
    expect(leaked).toBe(0);
    for (const at of [0, 4, 8, 14])
      answers.forEach((text, place) => {
        expect(found[at][place]).toBeCloseTo(slow(encoder, questions[at], text, pixels), 3);
      });
  });

  test('of a question without its picture differ from those with it, and are negative', async () => {
    const [question] = questions;
    const { image: _, ...blind } = question;
    const [seen, guessed] = await likelihoods(
      encoder,
      [question, blind].map((each) => ({ question: each, answers })),
      pixels,
    );
    expect(seen).not.toEqual(guessed);
    for (const value of [...seen, ...guessed]) expect(value).toBeLessThan(0);
  });

  test('need a network with words', async () => {
    const own = { ...encoder, config: { ...encoder.config, text: { kind: 'frozen', model: 'minilm' } as const } };
    await expect(likelihoods(own, [{ question: questions[0], answers }], pixels)).rejects.toThrow(
      "text.kind: got 'frozen', and such a network has no words to answer with.",
    );
  });
});
