import { setImmediate } from 'node:timers/promises';
import { longCall } from '../engine/long-call.js';
import * as tf from '../engine/tf.js';
import { unit } from '../losses/unit-rows.js';
import type { Embeddings } from '../search/embeddings.js';
import { regionTensors, textTensors } from './batch.js';
import { pooled, readRegions, readWords } from './forward.js';
import type { InstanceNetwork } from './network.js';

const BATCH = 256;

/** Unit vectors of texts by the stream of words. */
export function textVectors(
  { option, weights, tokenizer }: InstanceNetwork,
  texts: readonly { id: string; text: string }[],
  signal?: AbortSignal,
): Promise<Embeddings> {
  return vectorsOf('texts', texts, option.width, signal, (some) => {
    const lengths = some.map(({ text }) => tokenizer.encode(text).length);
    const tokens = Math.min(option.tokens, Math.max(1, ...lengths));
    const { ids, mask } = textTensors(
      some.map(({ text }) => text),
      tokenizer,
      tokens,
    );
    const shape: [number, number] = [some.length, tokens];
    return pooled(readWords(option, weights, tf.tensor2d(ids, shape, 'int32'), tf.tensor2d(mask, shape)));
  });
}

/** Unit vectors of regions by the stream of regions, each as if it were a picture of its own. */
export function regionVectors(
  { option, weights, features: width }: InstanceNetwork,
  regions: readonly { id: string; features: Float32Array }[],
  signal?: AbortSignal,
): Promise<Embeddings> {
  return vectorsOf('regions', regions, option.width, signal, (some) => {
    const { features, regionMask } = regionTensors(
      some.map((region) => [region.features]),
      1,
      width,
    );
    return pooled(readRegions(option, weights, features, regionMask));
  });
}

function vectorsOf<T extends { id: string }>(
  label: string,
  all: readonly T[],
  width: number,
  signal: AbortSignal | undefined,
  vectorsOfSome: (some: readonly T[]) => tf.Tensor2D,
): Promise<Embeddings> {
  const vectors = new Float32Array(all.length * width);
  return longCall(signal, async (call) => {
    for (let start = 0; start < all.length; start += BATCH) {
      call.signal.throwIfAborted();
      const some = all.slice(start, start + BATCH);
      vectors.set(
        tf.tidy(() => unit(vectorsOfSome(some)).dataSync<'float32'>()),
        start * width,
      );
      call.show({ label, done: start + some.length, total: all.length });
      await setImmediate(); // let timers and interrupts run
    }
    return { ids: all.map(({ id }) => id), vectors, width };
  });
}
