import { setImmediate } from 'node:timers/promises';
import { createCache, disposeCache } from '../../backbones/layers/key-value-cache.js';
import { wrongOption } from '../../checks/error.js';
import { unflatten, type Weights } from '../../engine/flat-weights.js';
import { longCall } from '../../engine/long-call.js';
import { type RandomStream, randomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import type { Aspect } from '../../moon/aspect-option.js';
import { END_OF_TEXT, type Sequence } from '../../moon/sequence.js';
import type { Pixels } from '../../pictures/picture-store.js';
import type { Encoder } from '../encoder.js';
import { allowedTokens, choose, seedOf } from './choose-token.js';
import { readPrompts } from './read-prompts.js';
import { isRepeating } from './repeating.js';
import { tokenStep } from './token-step.js';
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
