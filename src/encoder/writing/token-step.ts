import { logits, runLanguage } from '../../backbones/layers/decoder.js';
import { cacheBlocks, cacheTensors, type KeyValueCache, widenCache } from '../../backbones/layers/key-value-cache.js';
import { isVision } from '../../backbones/layers/vision-names.js';
import { type Compiled, compile } from '../../engine/compile/compile.js';
import type { Weights } from '../../engine/flat-weights.js';
import type { RandomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import type { Aspect } from '../../moon/aspect-option.js';
import { type BatchTensors, buildBatch, uploadBatch } from '../../moon/batch.js';
import { batchOptions, languageInput, type MoonModel } from '../../moon/model.js';
import type { Encoder } from '../encoder.js';
import { causal } from './causal.js';
import { choose, seedOf } from './choose-token.js';

/** Lengths of the cache are rounded up to multiples of this, so that few graphs serve all. */
const BUCKET = 16;

interface StepShape {
  aspect: Aspect;
  mask: Float32Array;
  length: number;
  most: number;
  isSampled: boolean;
  /** See `allowedTokens`. */
  allowed: tf.Tensor2D;
}

export interface TokenStep {
  /** The token after each of `ids`, which are number `count` of their texts. */
  run(ids: Int32Array, next: readonly number[], count: number, temperature: number, stream: RandomStream): Int32Array;
  /** Free what is not the cache's. */
  dispose(): void;
}

/** The step that reads a token of every text and chooses the next. The cache is widened to hold all of them. */
export function tokenStep(
  { model }: Encoder,
  weights: Weights,
  cache: KeyValueCache,
  { aspect, mask, length, most, isSampled, allowed }: StepShape,
): TokenStep {
  const sequences = mask.length / length;
  const capacity = length + Math.ceil(most / BUCKET) * BUCKET;
  widenCache(cache, capacity);
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
      cache.blocks = cacheBlocks(after, cache.blocks.length);
      const values = chosen.dataSync<'int32'>();
      tf.dispose([numbers, before, chosen]);
      return values;
    },
    dispose: () => tf.dispose(held),
  };
}

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
        blocks: cacheBlocks(given, model.network.text.depth),
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
