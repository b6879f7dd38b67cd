import * as tf from '../../engine/tf.js';

/**
 * Keys (after rotary embedding) and values of all tokens so far, per block [keyValueHeads, batch, length, headWidth]. Each forward pass
 * appends to it.
 */
export interface KeyValueCache {
  blocks: { keys: tf.Tensor4D; values: tf.Tensor4D }[];
  /** Only for a cache of fixed length in a compiled step of one token: [1, 1, length, 1] (bool), true where that token is written. */
  slot?: tf.Tensor4D;
}

/** An empty cache. Pass it to every `runLanguage` call of a sequence, then free it with `disposeCache`. */
export function createCache(): KeyValueCache {
  return { blocks: [] };
}

/** Number of tokens in the cache. */
export function cachedLength(cache: KeyValueCache | undefined): number {
  return cache?.blocks[0]?.keys.shape[2] ?? 0;
}

/** Append keys and values of new tokens to a block. Returns the keys and values of all tokens; the cache owns them. */
export function extendCache(
  cache: KeyValueCache,
  block: number,
  keys: tf.Tensor4D,
  values: tf.Tensor4D,
): KeyValueCache['blocks'][number] {
  const before = cache.blocks[block];
  if (cache.slot) {
    cache.blocks[block] = {
      keys: tf.keep(tf.where(cache.slot, keys, before.keys)),
      values: tf.keep(tf.where(cache.slot, values, before.values)),
    };
    return cache.blocks[block];
  }
  const all = {
    keys: tf.keep(before ? tf.concat([before.keys, keys], 2) : tf.clone(keys)),
    values: tf.keep(before ? tf.concat([before.values, values], 2) : tf.clone(values)),
  };
  if (before) tf.dispose([before.keys, before.values]);
  cache.blocks[block] = all;
  return all;
}

/** Free the cache's tensors; it is empty afterwards. */
export function disposeCache(cache: KeyValueCache): void {
  for (const { keys, values } of cache.blocks) tf.dispose([keys, values]);
  cache.blocks = [];
}
