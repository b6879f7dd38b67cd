import { setImmediate } from 'node:timers/promises';
import { logits, runLanguage } from '../backbones/layers/decoder.js';
import { createCache, disposeCache, type KeyValueCache } from '../backbones/layers/key-value-cache.js';
import { isVision } from '../backbones/layers/vision-names.js';
import { wrongOption } from '../checks/error.js';
import { type Compiled, compile } from '../engine/compile/compile.js';
import { unflatten, type Weights } from '../engine/flat-weights.js';
import { longCall } from '../engine/long-call.js';
import { gatherRows, statelessUniform } from '../engine/native-ops.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { Aspect } from '../moon/aspect-option.js';
import { type BatchTensors, buildBatch, uploadBatch } from '../moon/batch.js';
import { batchOptions, languageInput, type MoonModel } from '../moon/model.js';
import { nextPosition } from '../moon/next-position.js';
import { END_OF_TEXT, type Sequence, specialTokens } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Encoder } from './encoder.js';
import { uploadPictured } from './upload.js';
import { requireWords } from './words-of-its-own.js';

export interface WriteOptions {
  /** Most tokens of a text. */
  most: number;
  /** The aspect of the tokens that are written, by which guided experts know them. Default title. */
  aspect?: Aspect;
  /** 0 takes the likeliest token every time; above, tokens are sampled from softmax(logits / temperature). Default 0. */
  temperature?: number;
  /** Random stream of sampling. */
  stream?: RandomStream;
  onProgress?: (done: number, total: number) => void;
  /** Stops between two tokens. */
  signal?: AbortSignal;
}

/** A text that a network wrote. */
export interface WrittenText {
  text: string;
  /** Its tokens, without the end token. */
  ids: number[];
  /** By an end token, after the most tokens, or because it only repeated itself. */
  ended: 'stop' | 'length' | 'repeating';
}

/** Prompts that are read together: a batch is filled up to one of these sizes, so that few graphs serve all. */
const SIZES = [1, 16, 64];

/** Lengths are rounded up to multiples of this. */
const BUCKET = 16;

/**
 * Continue prompts, many at once, each up to its end token: keys and values of earlier tokens are cached, and a token of all texts is one compiled step
 * that gives nothing but the chosen tokens. The network reads causally, as in its captioning stage.
 * @throws UserError for an option out of range, or a network without words of its own
 * @example
 * ```ts
 * const shop = moon.generateShop({ products: 50 });
 * const { encoder, pixels } = await moon.prepare(moon.grocery, shop);
 * const read = { ...moon.encoder.sequenceOptions(encoder, pixels), withhold: ['title', 'category', 'attributes'] as const };
 * const prompts = shop.products.slice(0, 8).map((product) => moon.model.productSequence(product, read));
 * const [{ text, ended }] = await moon.encoder.writeTexts(encoder, prompts, pixels, { most: 12 });
 * ```
 */
export async function writeTexts(
  encoder: Encoder,
  prompts: readonly Sequence[],
  pixels: Pixels,
  options: WriteOptions,
): Promise<WrittenText[]> {
  const { most, temperature = 0, onProgress } = options;
  if (!(Number.isInteger(most) && most >= 1)) throw wrongOption('most', most, 'an integer of at least 1');
  if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY))
    throw wrongOption('temperature', temperature, '0 or a number above it');
  requireWords(encoder);
  const written: WrittenText[] = [];
  const together = SIZES[SIZES.length - 1];
  await longCall(options.signal, async (call) => {
    const weights = tf.tidy(() => unflatten(encoder.parameters, encoder.layout));
    try {
      for (let start = 0; start < prompts.length; start += together) {
        const some = prompts.slice(start, start + together);
        written.push(...(await writeSome(encoder, weights, some, pixels, { ...options, signal: call.signal })));
        call.show({ label: 'texts', done: written.length, total: prompts.length });
        onProgress?.(written.length, prompts.length);
      }
    } finally {
      tf.dispose(weights);
    }
  });
  return written;
}

/** Write some texts at once. */
async function writeSome(
  encoder: Encoder,
  weights: Weights,
  prompts: readonly Sequence[],
  pixels: Pixels,
  { most, aspect = 'title', temperature = 0, stream = randomStream(0, 'write'), signal }: WriteOptions,
): Promise<WrittenText[]> {
  const size = SIZES.find((each) => each >= prompts.length)!;
  const filled = [...prompts, ...Array<Sequence>(size - prompts.length).fill(prompts[0])];
  const cache = createCache();
  const lines: Line[] = prompts.map(() => ({ ids: [] }));
  const end = encoder.tokenizer.idOf(END_OF_TEXT);
  const allowed = allowedTokens(encoder, end);
  try {
    const seed = temperature ? tf.tensor1d(seedOf(stream), 'int32') : undefined;
    const { first, next, mask, length } = readPrompts(encoder, weights, filled, pixels, cache, (scores) =>
      choose(tf.add(scores, allowed), tf.scalar(temperature || 1), seed),
    );
    seed?.dispose();
    const step = tokenStep(encoder, weights, cache, {
      aspect,
      mask,
      length,
      most,
      isSampled: temperature > 0,
      allowed,
    });
    try {
      let chosen = first;
      for (let count = 1; ; count++) {
        for (const [row, line] of lines.entries()) extend(line, chosen[row], end);
        if (count === most || lines.every(({ ended }) => ended)) break;
        await setImmediate(); // let timers and interrupts run
        signal?.throwIfAborted();
        chosen = step.run(chosen, next, count - 1, temperature, stream);
      }
    } finally {
      step.dispose();
    }
  } finally {
    allowed.dispose();
    disposeCache(cache);
  }
  return lines.map(({ ids, ended = 'length' }) => ({ text: encoder.tokenizer.decode(ids).trim(), ids, ended }));
}

/** 0 for tokens that a text may have, words and the end, and -1e9 for those that stand for pictures and marks, or for nothing: [1, vocabulary]. */
function allowedTokens({ tokenizer, model }: Encoder, end: number | undefined): tf.Tensor2D {
  const { vocabSize } = model.network.text;
  const values = new Float32Array(vocabSize).fill(-1e9, tokenizer.size);
  for (const token of specialTokens) {
    const id = tokenizer.idOf(token);
    if (id !== undefined && id !== end) values[id] = -1e9;
  }
  return tf.tensor2d(values, [1, vocabSize]);
}

/** A text so far. */
interface Line {
  ids: number[];
  ended?: WrittenText['ended'];
}

function extend(line: Line, id: number, end: number | undefined): void {
  if (line.ended) return;
  if (id === end) {
    line.ended = 'stop';
    return;
  }
  line.ids.push(id);
  if (isRepeating(line.ids)) line.ended = 'repeating';
}

/** So many times the same tokens in a row, of at most so many, are a loop. */
const TIMES = 4;
const LONGEST = 8;

/** Whether the last tokens are the same few over and over. */
export function isRepeating(ids: readonly number[]): boolean {
  for (let period = 1; period <= LONGEST && period * TIMES <= ids.length; period++) {
    const tail = ids.slice(-period * TIMES);
    if (tail.every((id, at) => id === tail[at % period])) return true;
  }
  return false;
}

interface ReadPrompts {
  /** The first token of each text. */
  first: Int32Array;
  /** Its position. */
  next: number[];
  /** [sequences, length] 1 = real token of a prompt */
  mask: Float32Array;
  length: number;
}

function readPrompts(
  { model }: Encoder,
  weights: Weights,
  prompts: readonly Sequence[],
  pixels: Pixels,
  cache: KeyValueCache,
  chooseFrom: (scores: tf.Tensor2D) => tf.Tensor1D,
): ReadPrompts {
  const batch = buildBatch(prompts, { ...batchOptions(model), bucket: BUCKET });
  const { length, sequences, mask } = batch;
  const tensors = uploadPictured(batch, model, pixels);
  const first = tf.tidy(() => {
    const input = languageInput(causal(model), weights, batch, tensors);
    const { last } = runLanguage(model.network.text, weights, { ...input, cache });
    const ends = prompts.map(
      ({ segments }, row) => row * length + segments.reduce((sum, { ids }) => sum + ids.length, 0) - 1,
    );
    const states = gatherRows(tf.reshape(last, [sequences * length, -1]) as tf.Tensor2D, tf.tensor1d(ends, 'int32'));
    return chooseFrom(logits(weights, states)).dataSync<'int32'>();
  });
  tf.dispose(tensors);
  return { first, next: prompts.map((_, row) => nextPosition(batch, row)), mask, length };
}

const causal = (model: MoonModel): MoonModel => ({ ...model, attention: 'causal' });

const seedOf = (stream: RandomStream) => [stream.integer(2 ** 31), stream.integer(2 ** 31)];

/** The likeliest token of each row of scores; with a seed one that is sampled, as the likeliest after Gumbel noise. */
function choose(scores: tf.Tensor2D, temperature: tf.Scalar, seed: tf.Tensor1D | undefined): tf.Tensor1D {
  if (!seed) return tf.argMax(scores, 1);
  const uniform = tf.clipByValue(statelessUniform(scores.shape, seed), 1e-12, 1 - 1e-7);
  return tf.argMax(tf.sub(tf.div(scores, temperature), tf.log(tf.neg(tf.log(uniform)))), 1);
}

interface StepShape {
  aspect: Aspect;
  mask: Float32Array;
  length: number;
  most: number;
  isSampled: boolean;
  /** See `allowedTokens`. */
  allowed: tf.Tensor2D;
}

interface TokenStep {
  /** The token after each of `ids`, which are number `count` of their texts. */
  run(ids: Int32Array, next: readonly number[], count: number, temperature: number, stream: RandomStream): Int32Array;
  /** Free what is not the cache's. */
  dispose(): void;
}

/** The step that reads a token of every text and chooses the next. The cache is widened to hold all of them. */
function tokenStep(
  { model }: Encoder,
  weights: Weights,
  cache: KeyValueCache,
  { aspect, mask, length, most, isSampled, allowed }: StepShape,
): TokenStep {
  const sequences = mask.length / length;
  const capacity = length + Math.ceil(most / BUCKET) * BUCKET;
  cache.blocks = cache.blocks.map(({ keys, values }) => ({
    keys: widened(keys, capacity),
    values: widened(values, capacity),
  }));
  const one = buildBatch(
    Array.from({ length: sequences }, (_, at) => ({ id: `${at}`, segments: [{ aspect, ids: [0] }] })),
    { ...batchOptions(model), bucket: 1 },
  );
  const { pictures, source, positions, ...held } = uploadBatch(one, tf.zeros([0, 1, 1, 1]));
  tf.dispose([pictures, source, positions]);
  const names = Object.keys(weights).filter((name) => !isVision(name));
  const given = Object.fromEntries(names.map((name) => [`weights ${name}`, weights[name]]));
  const known = new Float32Array(sequences * capacity);
  for (let row = 0; row < sequences; row++) known.set(mask.subarray(row * length, (row + 1) * length), row * capacity);
  const compiled = compiledStep(model, names, one.groups, isSampled);
  return {
    run(ids, next, count, temperature, stream) {
      const slot = length + count;
      for (let row = 0; row < sequences; row++) known[row * capacity + slot] = 1;
      const numbers = {
        ids: tf.tensor1d(ids, 'int32'),
        positions: tf.tensor3d(
          [0, 1, 2].flatMap(() => next.map((position) => position + count)),
          [3, sequences, 1],
          'int32',
        ),
        known: tf.tensor2d(known, [sequences, capacity]),
        slot: tf.scalar(slot, 'int32'),
        ...(isSampled && { temperature: tf.scalar(temperature), seed: tf.tensor1d(seedOf(stream), 'int32') }),
      };
      const before = cacheTensors(cache);
      const { chosen, ...after } = compiled({ ...numbers, ...held, allowed, ...before, ...given }, null);
      cache.blocks = blocksOf(after, cache.blocks.length);
      const values = chosen.dataSync<'int32'>();
      tf.dispose([numbers, before, chosen]);
      return values;
    },
    dispose: () => tf.dispose(held),
  };
}

function widened(x: tf.Tensor4D, capacity: number): tf.Tensor4D {
  const wide = tf.pad(x, [
    [0, 0],
    [0, 0],
    [0, capacity - x.shape[2]],
    [0, 0],
  ]);
  x.dispose();
  return wide;
}

const cacheTensors = ({ blocks }: KeyValueCache): Record<string, tf.Tensor> =>
  Object.fromEntries(
    blocks.flatMap(({ keys, values }, at) => [
      [`keys ${at}`, keys],
      [`values ${at}`, values],
    ]),
  );

const blocksOf = (tensors: Record<string, tf.Tensor>, depth: number): KeyValueCache['blocks'] =>
  Array.from({ length: depth }, (_, at) => ({
    keys: tensors[`keys ${at}`] as tf.Tensor4D,
    values: tensors[`values ${at}`] as tf.Tensor4D,
  }));

/** Compiled steps by what decides their graph. The weights are inputs. */
const steps = new Map<string, Compiled<null>>();

function compiledStep(
  model: MoonModel,
  names: readonly string[],
  groups: readonly number[],
  isSampled: boolean,
): Compiled<null> {
  const captures = { model, names, groups, isSampled };
  const key = JSON.stringify(captures);
  const found = steps.get(key);
  if (found) return found;
  const step = (given: Record<string, tf.Tensor>): Record<string, tf.Tensor> =>
    tf.tidy(() => {
      const weights = Object.fromEntries(names.map((name) => [name, given[`weights ${name}`]]));
      const { ids, known, slot, mask, rowOfSlot, slotOfRow, positions } = given;
      const tensors = { source: ids, mask, rowOfSlot, slotOfRow, positions, pictures: tf.zeros([0, 1, 1, 1]) };
      const input = languageInput(causal(model), weights, { groups }, tensors as BatchTensors);
      const places = tf.range(0, known.shape[1]!, 1, 'int32');
      const cache: KeyValueCache = {
        blocks: blocksOf(given, model.network.text.depth),
        slot: tf.reshape(tf.equal(places, slot), [1, 1, -1, 1]) as tf.Tensor4D,
      };
      const { last } = runLanguage(model.network.text, weights, { ...input, mask: known as tf.Tensor2D, cache });
      const states = tf.reshape(last, [ids.size, -1]) as tf.Tensor2D;
      const scores = tf.add(logits(weights, states), given.allowed) as tf.Tensor2D;
      const temperature = (given.temperature ?? tf.scalar(1)) as tf.Scalar;
      return { chosen: choose(scores, temperature, given.seed as tf.Tensor1D | undefined), ...cacheTensors(cache) };
    });
  const made = compile(step, { name: 'written token', captures });
  steps.set(key, made);
  return made;
}
