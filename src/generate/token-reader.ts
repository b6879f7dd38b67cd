import type { Network } from '../backbones/families.js';
import { embedTokens, logits, runLanguage } from '../backbones/layers/decoder.js';
import type { DecoderConfig } from '../backbones/layers/decoder-config.js';
import {
  cacheBlocks,
  cachedLength,
  cacheTensors,
  type KeyValueCache,
  widenCache,
} from '../backbones/layers/key-value-cache.js';
import { isVision } from '../backbones/layers/vision-names.js';
import { type Compiled, compile } from '../engine/compile/compile.js';
import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';

/** One decoding step: runs the token `id` at a position and returns the logits [vocabSize] of the next token. Extends the cache. */
export type TokenReader = (id: number, position: number) => Float32Array;

/** A decoding step without compilation. */
export function plainReader({ config, weights }: Network, cache: KeyValueCache): TokenReader {
  return (id, position) =>
    tf.tidy(() => {
      const token = tf.tensor2d([id], [1, 1], 'int32');
      return readToken(config.text, weights, token, tf.scalar(position, 'int32'), cache).dataSync<'float32'>();
    });
}

/**
 * A decoding step as one compiled graph. Keys and values are padded to a power of two of tokens, so that a few graphs serve any length. It
 * replaces the tensors of the cache; the creator of the cache still frees it.
 */
export function compiledReader({ config, weights }: Network, cache: KeyValueCache): TokenReader {
  const names = Object.keys(weights).filter((name) => !isVision(name));
  const step = compiledStep(config.text, names);
  const given = Object.fromEntries(names.map((name) => [`weights ${name}`, weights[name]]));
  let length = cachedLength(cache);
  return (id, position) => {
    widenCache(cache, capacityFor(length + 1));
    const numbers = {
      id: tf.tensor2d([id], [1, 1], 'int32'),
      position: tf.scalar(position, 'int32'),
      length: tf.scalar(length, 'int32'),
    };
    const held = cacheTensors(cache);
    const { scores, ...next } = step({ ...numbers, ...held, ...given }, null);
    cache.blocks = cacheBlocks(next, cache.blocks.length);
    length++;
    const values = scores.dataSync<'float32'>();
    tf.dispose([numbers, held, scores]);
    return values;
  };
}

const capacityFor = (length: number) => Math.max(128, 2 ** Math.ceil(Math.log2(length)));

/** Compiled steps by shape of the network. The weights are inputs. */
const steps = new Map<string, Compiled<null>>();

function compiledStep(config: DecoderConfig, names: readonly string[]): Compiled<null> {
  const captures = { config, names };
  const key = JSON.stringify(captures);
  const found = steps.get(key);
  if (found) return found;
  const step = (given: Record<string, tf.Tensor>): Record<string, tf.Tensor> =>
    tf.tidy(() => {
      const weights = Object.fromEntries(names.map((name) => [name, given[`weights ${name}`]]));
      const blocks = cacheBlocks(given, config.depth);
      const places = tf.range(0, blocks[0].keys.shape[2], 1, 'int32');
      const slot = tf.reshape(tf.equal(places, given.length), [1, 1, -1, 1]) as tf.Tensor4D;
      const mask = tf.expandDims(tf.cast(tf.lessEqual(places, given.length), 'float32'), 0) as tf.Tensor2D;
      const cache: KeyValueCache = { blocks, slot };
      const scores = readToken(config, weights, given.id as tf.Tensor2D, given.position as tf.Scalar, cache, mask);
      return { scores, ...cacheTensors(cache) };
    });
  const made = compile(step, { name: 'token', captures });
  steps.set(key, made);
  return made;
}

/** Logits [1, vocabSize] after one token `id` [1, 1]. */
function readToken(
  config: DecoderConfig,
  weights: Weights,
  id: tf.Tensor2D,
  position: tf.Scalar,
  cache: KeyValueCache,
  mask?: tf.Tensor2D,
): tf.Tensor2D {
  const positions = tf.tile(tf.reshape(position, [1, 1, 1]), [3, 1, 1]) as tf.Tensor3D;
  const embeddings = embedTokens(config, weights, id);
  const { last } = runLanguage(config, weights, { embeddings, positions, mask, attention: 'causal', cache });
  return logits(weights, tf.reshape(last, [1, -1]) as tf.Tensor2D);
}
