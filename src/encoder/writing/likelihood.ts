import { setImmediate } from 'node:timers/promises';
import { logits, runLanguage } from '../../backbones/layers/decoder.js';
import { createCache, disposeCache, type KeyValueCache } from '../../backbones/layers/key-value-cache.js';
import { groupBy } from '../../data/group-by.js';
import { unflatten, type Weights } from '../../engine/flat-weights.js';
import { longCall } from '../../engine/long-call.js';
import * as tf from '../../engine/tf.js';
import { crossEntropy } from '../../losses/next-token.js';
import { buildBatch, uploadBatch } from '../../moon/batch.js';
import { batchOptions, languageInput } from '../../moon/model.js';
import { nextPosition } from '../../moon/next-position.js';
import { answerSegment, type Question, questionSequence } from '../../moon/question.js';
import type { Segment, Sequence } from '../../moon/sequence.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { type Encoder, sequenceOptions } from '../encoder.js';
import { uploadPictured } from '../upload.js';
import { causal } from './causal.js';
import { requireWords } from './words-of-its-own.js';

/** A question and the answers that are compared. */
export interface Choice {
  question: Question;
  answers: readonly string[];
}

export interface LikelihoodOptions {
  onProgress?: (done: number, total: number) => void;
  /** Aborts after the current batch: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** Questions and answers read together. */
const QUESTIONS = 32;
const ANSWERS = 128;

/**
 * How likely a network writes each answer to a question: log p(answer, end | question) in nats, in the order of the answers. It reads causally,
 * as in its captioning stage.
 * @throws UserError for a network without words of its own
 * @example
 * ```ts
 * const shop = moon.generateShop({ products: 50 });
 * const { encoder, pixels } = await moon.prepare(moon.grocery, shop);
 * const [{ images: [image] }] = shop.products;
 * const question = { id: 'a', image, prompt: 'colour', answer: 'attribute' } as const;
 * const [[red, blue]] = await moon.encoder.likelihoods(encoder, [{ question, answers: ['red', 'blue'] }], pixels);
 * ```
 */
export async function likelihoods(
  encoder: Encoder,
  choices: readonly Choice[],
  pixels: Pixels,
  { onProgress, signal }: LikelihoodOptions = {},
): Promise<number[][]> {
  requireWords(encoder);
  const read = sequenceOptions(encoder, pixels);
  const asked = choices.map(({ question, answers }, choice) => {
    const context = questionSequence(question, read);
    return {
      choice,
      context,
      length: lengthOf(context),
      answers: answers.map((text) => answerSegment(question.answer, text, read)),
    };
  });
  const found = choices.map(({ answers }) => Array<number>(answers.length).fill(0));
  let done = 0;
  await longCall(signal, async (call) => {
    // Questions of one length together: none is padded, so their cached keys end where the answers begin.
    for (const same of groupBy(asked, ({ length }) => length).values())
      for (let start = 0; start < same.length; start += QUESTIONS) {
        call.signal.throwIfAborted();
        const own = same.slice(start, start + QUESTIONS);
        const values = batchLikelihoods(encoder, own, pixels);
        for (const [at, { choice }] of own.entries()) found[choice] = values[at];
        done += own.length;
        call.show({ label: 'answers', done, total: asked.length });
        onProgress?.(done, asked.length);
        await setImmediate(); // let timers and interrupts run
      }
  });
  return found;
}

const lengthOf = ({ segments }: Pick<Sequence, 'segments'>) => segments.reduce((sum, { ids }) => sum + ids.length, 0);

interface Asked {
  context: Sequence;
  answers: readonly Segment[];
}

/** Questions of one length: each is read once, and its answers after it, by the keys and values that it left. */
function batchLikelihoods(encoder: Encoder, asked: readonly Asked[], pixels: Pixels): number[][] {
  const cache = createCache();
  try {
    const sums = tf.tidy(() => readAnswers(encoder, asked, pixels, cache));
    let at = 0;
    return asked.map(({ answers }) => answers.map(() => sums[at++]));
  } finally {
    disposeCache(cache);
  }
}

/** log p of all answers of some questions, one after the other. Fills the cache. */
function readAnswers(encoder: Encoder, asked: readonly Asked[], pixels: Pixels, cache: KeyValueCache): number[] {
  const { model, parameters, layout } = encoder;
  const weights = unflatten(parameters, layout);
  const contexts = asked.map(({ context }) => context);
  const batch = buildBatch(contexts, { ...batchOptions(model), bucket: 1 });
  const input = languageInput(causal(model), weights, batch, uploadPictured(batch, model, pixels));
  const { last } = runLanguage(model.network.text, weights, { ...input, cache });
  const { length } = batch;
  const next = contexts.map((_, at) => nextPosition(batch, at));
  const ends = tf.reshape(tf.slice(last, [0, length - 1, 0], [-1, 1, -1]), [asked.length, -1]) as tf.Tensor2D;
  const scores = tf.logSoftmax(logits(weights, ends));
  const [, vocabulary] = scores.shape;
  const chances = scores.dataSync<'float32'>();
  const first = (question: number, token: number) => chances[question * vocabulary + token];
  const rows = asked.flatMap(({ answers }, question) => answers.map((segment) => ({ question, segment })));
  const values: number[] = [];
  for (let start = 0; start < rows.length; start += ANSWERS)
    values.push(...answersAfter(encoder, weights, rows.slice(start, start + ANSWERS), { cache, first, next, length }));
  return values;
}

interface ReadQuestions {
  cache: KeyValueCache;
  /** log p of a token as the first of an answer. */
  first(question: number, token: number): number;
  /** Position of that token, by question. */
  next: readonly number[];
  length: number;
}

/** log p of answers, of one after each question. */
function answersAfter(
  { model }: Encoder,
  weights: Weights,
  rows: readonly { question: number; segment: Segment }[],
  { cache, first, next, length }: ReadQuestions,
): number[] {
  return tf.tidy(() => {
    const sequences = rows.map(({ segment }, at) => ({ id: `${at}`, segments: [segment] }));
    const batch = buildBatch(sequences, { ...batchOptions(model), bucket: 4 });
    const of = tf.tensor1d(
      rows.map(({ question }) => question),
      'int32',
    );
    const own: KeyValueCache = {
      blocks: cache.blocks.map(({ keys, values }) => ({
        keys: tf.gather(keys, of, 1),
        values: tf.gather(values, of, 1),
      })),
    };
    const tensors = uploadBatch(batch, tf.zeros([0, 1, 1, 1]));
    const starts = tf.tensor3d(
      rows.map(({ question }) => next[question]),
      [1, rows.length, 1],
      'int32',
    );
    const input = languageInput(causal(model), weights, batch, {
      ...tensors,
      positions: tf.add(tensors.positions, starts) as tf.Tensor3D,
    });
    const mask = tf.concat([tf.ones([rows.length, length]), tensors.mask], 1) as tf.Tensor2D;
    const { last } = runLanguage(model.network.text, weights, { ...input, mask, cache: own });
    disposeCache(own);
    const [, longest, width] = last.shape;
    const targets = tf.tensor1d(
      rows.flatMap(({ segment: { ids } }) => Array.from({ length: longest }, (_, at) => ids[at + 1] ?? 0)),
      'int32',
    );
    const losses = crossEntropy(logits(weights, tf.reshape(last, [-1, width]) as tf.Tensor2D), targets).dataSync();
    return rows.map(({ question, segment: { ids } }, at) => {
      let sum = first(question, ids[0]);
      for (let token = 1; token < ids.length; token++) sum -= losses[at * longest + token - 1];
      return sum;
    });
  });
}
