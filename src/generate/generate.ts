import { setImmediate } from 'node:timers/promises';
import { createCache, disposeCache, type KeyValueCache } from '../backbones/layers/key-value-cache.js';
import { logits, runLanguage } from '../backbones/qwen25vl/language.js';
import { wrongOption } from '../checks/error.js';
import { longCall } from '../engine/long-call.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { embedPrompt, type Network } from './embed-prompt.js';
import type { Prompt } from './prompt.js';
import { checkSampling, chooseToken, type Sampling } from './sampling.js';
import { compiledReader, plainReader } from './token-reader.js';

export interface GenerateOptions {
  /** Tokens to write at most (256). */
  maxTokens?: number;
  /** Greedy by default. */
  sampling?: Sampling;
  /** Where sampling draws from; `randomStream(0, 'generate')` by default. */
  stream?: RandomStream;
  /** Ids that end the answer; those of the configuration (`eos_token_id`) by default. */
  stop?: readonly number[];
  /** Read each written token in one compiled graph; on the native engine alone, and on by default there. */
  compile?: boolean;
  /** Stops between two tokens; the iteration then throws the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Token ids of the network's answer, one at a time as they are computed, a stop token included. Keys and values of earlier
 * tokens are cached. Leaving the iteration early frees everything.
 * @throws UserError for a wrong option or a prompt that does not fit the network
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
      // lets timers, the notebook's interrupt and other requests run between two tokens
      await setImmediate();
      signal?.throwIfAborted();
      scores = read(id, next++);
    }
  } finally {
    disposeCache(cache);
  }
}

/** Run the whole prompt; scores of the token that follows it. */
function readPrompt(network: Network, prompt: Prompt, cache: KeyValueCache): { scores: Float32Array; next: number } {
  const { next, ...tensors } = embedPrompt(network, prompt);
  try {
    return { scores: nextScores(network, tensors.embeddings, tensors.positions, cache), next };
  } finally {
    tf.dispose(tensors);
  }
}

/** Scores [vocabSize] after the last of `embeddings` [1, length, width]; the cache grows by them. */
function nextScores(
  { config, weights }: Network,
  embeddings: tf.Tensor3D,
  positions: tf.Tensor3D,
  cache: KeyValueCache,
): Float32Array {
  return tf.tidy(() => {
    const { last } = runLanguage(config.text, weights, { embeddings, positions, attention: 'causal', cache });
    const [, length, width] = last.shape;
    return logits(weights, tf.reshape(tf.slice(last, [0, length - 1, 0]), [1, width])).dataSync<'float32'>();
  });
}

/** What a network wrote. */
export interface Generated {
  /** Without the stop token. */
  text: string;
  /** With it, where the network wrote one. */
  ids: number[];
  /** A stop token came, or maxTokens were written. */
  ended: 'stop' | 'length';
}

/**
 * The answer as text, piece by piece: `for await (const piece of streamText(...))`. A piece is whole characters, so a
 * character of several tokens comes with its last one. The generator returns the whole answer.
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
    // an unfinished character shows as U+FFFD until its last byte is there
    if (text.endsWith('\uFFFD')) continue;
    if (text.length > shown.length) yield text.slice(shown.length);
    shown = text;
  }
  const text = tokenizer.decode(ended === 'stop' ? ids.slice(0, -1) : ids);
  if (text.length > shown.length) yield text.slice(shown.length);
  return { text, ids, ended };
}

/** The whole answer; `onText` hears every piece as it is written. A notebook shows how many tokens there are, and may interrupt. */
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
      // How long the answer will be is not known.
      show({ label: 'characters written', done: written, total: 0 });
      options.onText?.(value);
    }
  });
}
