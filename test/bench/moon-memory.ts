import { startEngine } from '../../src/engine/engine.js';
import { flatten, unflatten } from '../../src/engine/flat-weights.js';
import { peakMemory } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { infoNce } from '../../src/losses/info-nce.js';
import { unit } from '../../src/losses/unit-rows.js';
import { embedBatch, initMoon } from '../../src/moon/model.js';
import { cachedGradient } from '../../src/objectives/contrastive/gradient-cache.js';
import { moonSize, productBatch } from '../moon/shop-batch.js';
import type { Bench } from './table.js';

const [batch, micro, queued] = [1024, 32, 65_536];

/** One update of 1,024 queries and as many items in micro-batches of 32, with a queue of 65,536: the most memory that the process ever held. */
export const rows: Bench = async () => {
  await startEngine();
  const started = performance.now();
  const model = moonSize({ kind: 'guided', count: 6, topK: 1, blocks: [1, 3] });
  const { parameters, layout } = flatten(initMoon(model, randomStream(1, 'init')));
  const micros = Array.from({ length: (2 * batch) / micro }, (_, at) => productBatch(model, micro, at * micro));
  const row = tf.range(0, batch, 1, 'int32');
  const queue = tf.tidy(() => ({
    embeddings: unit(tf.randomNormal([queued, model.network.text.width], 0, 1, 'float32', 1)),
    products: tf.range(batch, batch + queued, 1, 'int32'),
  }));
  const given = { positiveOf: row, queryProducts: row, itemProducts: row, queue };
  const output = cachedGradient(
    parameters,
    micros,
    (flat, { batch, tensors }) => {
      const { embeddings, experts } = embedBatch(model, unflatten(flat, layout), batch, tensors);
      return { embeddings, penalty: tf.mean(tf.stack(experts.map(({ balance }) => balance))) };
    },
    (all) => {
      const queries = tf.slice(all, [0, 0], [batch, -1]) as tf.Tensor2D;
      return infoNce({ ...given, queries, items: tf.slice(all, [batch, 0]) as tf.Tensor2D }, tf.scalar(0.07));
    },
  );
  output.gradient.dataSync();
  const name = `update of ${batch} in micro-batches of ${micro}, queue of ${queued}`;
  const result = (what: string, ours: number, unit: string) => ({
    name: `${name}: ${what}`,
    ours,
    rival: null,
    ratio: null,
    unit,
  });
  return [
    result('peak memory', peakMemory() / 1024 ** 3, 'GiB (less is better)'),
    result('time', (performance.now() - started) / 1000, 's (less is better)'),
  ];
};
