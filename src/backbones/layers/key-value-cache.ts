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

/** The tensors of a cache by name, as inputs and outputs of a compiled step. */
export const cacheTensors = ({ blocks }: KeyValueCache): Record<string, tf.Tensor> =>
  Object.fromEntries(
    blocks.flatMap(({ keys, values }, at) => [
      [`keys ${at}`, keys],
      [`values ${at}`, values],
    ]),
  );

/** Inverse of `cacheTensors`. */
export const cacheBlocks = (tensors: Record<string, tf.Tensor>, depth: number): KeyValueCache['blocks'] =>
  Array.from({ length: depth }, (_, at) => ({
    keys: tensors[`keys ${at}`] as tf.Tensor4D,
    values: tensors[`values ${at}`] as tf.Tensor4D,
  }));

/** Pad keys and values with zeros to so many tokens; a cache that has as many is left as it is. */
export function widenCache(cache: KeyValueCache, capacity: number): void {
  const more = capacity - cachedLength(cache);
  if (more <= 0) return;
  const padded = (x: tf.Tensor4D): tf.Tensor4D => {
    const wide = tf.pad(x, [
      [0, 0],
      [0, 0],
      [0, more],
      [0, 0],
    ]);
    x.dispose();
    return wide;
  };
  cache.blocks = cache.blocks.map(({ keys, values }) => ({ keys: padded(keys), values: padded(values) }));
}
