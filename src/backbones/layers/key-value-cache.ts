import * as tf from '../../engine/tf.js';

/** Keys (rotated) and values of all tokens so far, by block [keyValueHeads, batch, length, headWidth]; grows with each run. */
export interface KeyValueCache {
  blocks: { keys: tf.Tensor4D; values: tf.Tensor4D }[];
  /** Of a cache of fixed length, for compiled steps of one token: [1, 1, length, 1] (bool) true where that token goes. */
  slot?: tf.Tensor4D;
}

/** An empty cache; give it to `runLanguage` again and again, then `disposeCache`. */
export function createCache(): KeyValueCache {
  return { blocks: [] };
}

/** Tokens that the cache holds. */
export function cachedLength(cache: KeyValueCache | undefined): number {
  return cache?.blocks[0]?.keys.shape[2] ?? 0;
}

/** Append keys and values of new tokens to a block; returns all of them, owned by the cache. */
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
