import { afterAll, expect, test } from 'vitest';
import { flatten, unflatten } from '../../src/engine/flat-weights.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { infoNce } from '../../src/losses/info-nce.js';
import { temperatureOf } from '../../src/losses/temperature.js';
import { initMoon } from '../../src/moon/model.js';
import { productSequence, querySequence, type Sequence } from '../../src/moon/sequence.js';
import { startWorkers } from '../../src/negatives/workers.js';
import { cachedGradient } from '../../src/objectives/contrastive/gradient-cache.js';
import { ints, numberOf } from '../losses/rows.js';
import { picture, products, reading, smallModel } from '../moon/small.js';
import { embedSequences } from './worker-embedders.js';

const fileOf = (name: string) => new URL(name, import.meta.url).pathname;
const start = { module: fileOf('worker-embedders.ts'), entry: fileOf('source-worker.js'), count: 2 };

const model = smallModel({ kind: 'guided', count: 5, topK: 1, blocks: [1], gated: true });
const read = reading(model);
/** Each group holds a query and an item of one product: the negatives of every query are in the other groups. */
const groups: Sequence[][] = products.map((product, at) => [
  querySequence({ id: `q${at}`, image: picture(`photo ${at}`) }, read),
  productSequence(product, read),
]);
const weights = initMoon(model, randomStream(1, 'init'));
weights.temperature = tf.tensor1d([Math.log(0.07)]);
const { parameters, layout } = flatten(weights);
afterAll(() => parameters.dispose());

function loss(rows: tf.Tensor2D, flat: tf.Tensor1D) {
  const [queries, items] = tf
    .split(tf.reshape(rows, [groups.length, 2, -1]), 2, 1)
    .map((side) => tf.squeeze(side, [1]));
  const number = ints(groups.map((_, at) => at));
  const given = {
    positiveOf: number,
    queryProducts: number,
    itemProducts: number,
    queryGroups: number,
    itemGroups: number,
  };
  const temperature = temperatureOf(
    { kind: 'learned', start: 0.07, least: 0.02, most: 0.2 },
    unflatten(flat, layout).temperature,
  );
  return infoNce({ ...given, queries: queries as tf.Tensor2D, items: items as tf.Tensor2D }, temperature);
}

test('negatives gathered across processes give the gradients of one process', async () => {
  const one = cachedGradient(parameters, groups, embedSequences({ model, layout }) as never, loss);
  const workers = await startWorkers<unknown, Sequence[]>({
    ...start,
    name: 'embedSequences',
    setup: { model, layout },
  });
  try {
    expect(new Set(workers.pids).size).toBe(2);
    const update = () => workers.gradient(parameters, groups, loss);
    const { result: across, leaked } = await countLeaks(
      update,
      ({ loss, ...rest }) => Object.keys({ ...loss, ...rest }).length,
    );
    expect(leaked).toBe(0);
    expect(numberOf(across.loss.spatialCount)).toBe(groups.length - 1);
    for (const name of ['total', 'positive', 'accuracy'])
      expect(numberOf(across.loss[name])).toBeCloseTo(numberOf(one.loss[name]), 5);
    expect(numberOf(across.penalty)).toBeCloseTo(numberOf(one.penalty), 5);
    for (const name of ['embeddings', 'embeddingGradient'] as const)
      expect(numberOf(tf.max(tf.abs(tf.sub(across[name], one[name]))))).toBeLessThan(1e-5);
    const [a, b] = [across, one].map(({ gradient }) => unflatten(gradient, layout));
    for (const name of layout.names) {
      const most = numberOf(tf.max(tf.abs(b[name])));
      expect(numberOf(tf.max(tf.abs(tf.sub(a[name], b[name])))), name).toBeLessThanOrEqual(1e-4 * most);
    }
    tf.dispose(across);
    process.kill(workers.pids[1], 'SIGKILL');
    await expect(update()).rejects.toThrow(/^Worker 2 of 2 ended \(SIGKILL\).*Start the workers again/);
  } finally {
    await workers.stop();
    tf.dispose(one);
  }
});

test('what goes wrong in a worker is told with its number', async () => {
  const setup = { at: 3 };
  await expect(startWorkers({ ...start, name: 'embedNothing', setup })).rejects.toThrow(
    /^Worker [12] of 2: .*worker-embedders\.ts exports no function embedNothing/,
  );
  await expect(startWorkers({ ...start, count: 0, name: 'embedOrFail', setup })).rejects.toThrow(
    'workers.count: got 0',
  );
  const workers = await startWorkers<unknown, unknown>({ ...start, name: 'embedOrFail', setup });
  const flat = tf.tensor1d([1, 2]);
  const sum = (rows: tf.Tensor2D) => ({ total: tf.sum(rows) as tf.Scalar });
  await expect(workers.gradient(flat, [1, 2, 5, 3], sum)).rejects.toThrow('Worker 2 of 2: group 3 is spoilt');
  await expect(workers.gradient(flat, [() => 1], sum)).rejects.toThrow('could not be cloned');
  const { gradient } = await workers.gradient(flat, [1, 2, 4], sum);
  expect([...gradient.dataSync()]).toEqual([7, 7]);
  await workers.stop();
  await expect(workers.gradient(flat, [1], sum)).rejects.toThrow('Worker 1 of 2 ended (code 0)');
});
