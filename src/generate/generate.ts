import { setImmediate } from 'node:timers/promises';
import type { Network } from '../backbones/families.js';
import { logits, runLanguage } from '../backbones/layers/decoder.js';
import { createCache, disposeCache, type KeyValueCache } from '../backbones/layers/key-value-cache.js';
import { wrongOption } from '../checks/error.js';
import { longCall } from '../engine/long-call.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { type EmbeddedPrompt, embedPrompt } from './embed-prompt.js';
import type { Prompt } from './prompt.js';
import { checkSampling, chooseToken, type Sampling } from './sampling.js';
import { compiledReader, plainReader } from './token-reader.js';

export interface GenerateOptions {
  /** Maximum number of new tokens. Default 256. */
  maxTokens?: number;
  /** Default greedy. */
  sampling?: Sampling;
  /** Random stream for sampling. Default `randomStream(0, 'generate')`. */
  stream?: RandomStream;
  /** Ids that end the answer. Default the configuration's `eos_token_id`. */
  stop?: readonly number[];
  /** Run each decoding step as one compiled graph. Default true; only affects the native engine. */
  compile?: boolean;
  /** Stops between two tokens. The iterator then throws the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Generate token ids one at a time, including the stop token. Keys and values of earlier tokens are cached. Leaving the iteration early
 * frees everything.
 * @throws UserError for a wrong option, or a prompt that does not fit the network
 */
export async function* streamTokens(
  network: Network,
  prompt: Prompt,
  options: GenerateOptions = {},
): AsyncGenerator<number, void, undefined> {
  const { maxTokens = 256, sampling = { kind: 'greedy' }, compile = true, signal } = options;
  const { stream = randomStream(0, 'generate'), stop = network.config.eosTokenIds } = options;
  if (!(Number.isInteger(maxTokens) && maxTokens >= 1))
    throw wrongOption('maxTokens', maxTokens, 'an integer of at least 1');
  checkSampling(sampling);
  signal?.throwIfAborted();
  const cache = createCache();
  try {
    let { scores, next } = readPrompt(network, prompt, cache);
    const read =
      compile && tf.getBackend() === 'tensorflow' ? compiledReader(network, cache) : plainReader(network, cache);
    for (let written = 1; ; written++) {
      const id = chooseToken(scores, sampling, stream);
      yield id;
      if (written === maxTokens || stop.includes(id)) return;
      // Let timers, the notebook's interrupt and other requests run between two tokens.
      await setImmediate();
      signal?.throwIfAborted();
      scores = read(id, next++);
    }
  } finally {
    disposeCache(cache);
  }
}

/** Run the prompt through the network and fill the cache. Returns the logits of the next token. */
function readPrompt(network: Network, prompt: Prompt, cache: KeyValueCache): { scores: Float32Array; next: number } {
  const { next, ...tensors } = embedPrompt(network, prompt);
  try {
    return { scores: nextScores(network, tensors, cache), next };
  } finally {
    tf.dispose(tensors);
  }
}

/** Logits [vocabSize] after the last token of a prompt. Extends the cache. */
function nextScores(
  { config, weights }: Network,
  { embeddings, positions, deepstack }: Omit<EmbeddedPrompt, 'next'>,
  cache: KeyValueCache,
): Float32Array {
  return tf.tidy(() => {
    const { last } = runLanguage(config.text, weights, {
      embeddings,
      positions,
      deepstack,
      attention: 'causal',
      cache,
    });
    const [, length, width] = last.shape;
    return logits(weights, tf.reshape(tf.slice(last, [0, length - 1, 0]), [1, width])).dataSync<'float32'>();
  });
}

/** A generated answer. */
export interface Generated {
  /** The text without the stop token. */
  text: string;
  /** The ids, including the stop token if there is one. */
  ids: number[];
  /** `stop`: ended by a stop token. `length`: ended after maxTokens. */
  ended: 'stop' | 'length';
}

/**
 * Generate text piece by piece: `for await (const piece of streamText(...))`. Pieces hold complete characters; a character that consists of
 * several tokens comes with the last of them. The generator returns the full answer.
 * @throws UserError as `streamTokens`
 */
export async function* streamText(
  network: Network,
  tokenizer: Tokenizer,
  prompt: Prompt,
  options: GenerateOptions = {},
): AsyncGenerator<string, Generated, undefined> {
  const stop = options.stop ?? network.config.eosTokenIds;
  const ids: number[] = [];
  let shown = '';
  let ended: Generated['ended'] = 'length';
  for await (const id of streamTokens(network, prompt, options)) {
    ids.push(id);
    if (stop.includes(id)) {
      ended = 'stop';
      break;
    }
    const text = tokenizer.decode(ids);
    // An incomplete character decodes to U+FFFD until its last byte is there.
    if (text.endsWith('\uFFFD')) continue;
    if (text.length > shown.length) yield text.slice(shown.length);
    shown = text;
  }
  const text = tokenizer.decode(ended === 'stop' ? ids.slice(0, -1) : ids);
  if (text.length > shown.length) yield text.slice(shown.length);
  return { text, ids, ended };
}

/**
 * Generate the full answer; `onText` is called with each piece. A notebook shows the progress and can interrupt.
 * @throws UserError as `streamTokens`
 */
export async function generate(
  network: Network,
  tokenizer: Tokenizer,
  prompt: Prompt,
  options: GenerateOptions & { onText?: (piece: string) => void } = {},
): Promise<Generated> {
  return longCall(options.signal, async ({ signal, show }) => {
    let written = 0;
    const pieces = streamText(network, tokenizer, prompt, { ...options, signal });
    for (;;) {
      const { value, done } = await pieces.next();
      if (done) return value;
      written += value.length;
      // The length of the answer is unknown.
      show({ label: 'characters written', done: written, total: 0 });
      options.onText?.(value);
    }
  });
}
