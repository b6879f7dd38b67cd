import { startEngine } from '../../src/engine/engine.js';
import * as tf from '../../src/engine/tf.js';
import { interleave, startRival } from './rival.js';
import type { Bench } from './table.js';

/** Products [batch, rows, inner] x [batch, inner, columns]; the batched ones are attention's at the sizes that train here. */
const products: [name: string, batch: number, rows: number, inner: number, columns: number][] = [
  ['matmul 256', 1, 256, 256, 256],
  ['matmul 512', 1, 512, 512, 512],
  ['matmul 1024', 1, 1024, 1024, 1024],
  ['scores 192 x 96 x 32', 192, 96, 32, 96],
  ['values 192 x 96 x 96', 192, 96, 96, 32],
];

/** Long enough that the clock and the first call do not count. */
const SECONDS = 0.4;

/** The engine's limit: matrix products in GFLOPS and the cost of one small operation, beside PyTorch on the same threads. */
export const rows: Bench = async ({ python }) => {
  await startEngine();
  const rival = python ? await startRival(python, new URL('./engine.py', import.meta.url)) : undefined;
  if (rival) console.error(`rival: ${rival.about}`);
  const table = [];
  for (const [name, batch, m, k, n] of products) {
    const [a, b] = [tf.randomNormal([batch, m, k]), tf.randomNormal([batch, k, n])];
    const flop = 2 * batch * m * k * n;
    const ours = () => flop / timeEach(() => tf.matMul(a, b)) / 1e9;
    table.push(await interleave(name, ours, rival, { unit: 'GFLOPS (more is better)' }));
    tf.dispose([a, b]);
  }
  const small = tf.ones([16]);
  table.push(
    await interleave('one small addition', () => timeEach(() => tf.add(small, small)) * 1e6, rival, {
      unit: 'microseconds (less is better)',
    }),
  );
  small.dispose();
  rival?.stop();
  return table;
};

/** Seconds a call; the results are waited for, and freed. */
function timeEach(call: () => tf.Tensor): number {
  const run = (count: number) => {
    const started = performance.now();
    for (let at = 1; at < count; at++) call().dispose();
    const last = call();
    last.dataSync();
    last.dispose();
    return (performance.now() - started) / 1000;
  };
  const once = run(3) / 3;
  const count = Math.max(3, Math.round(SECONDS / once));
  return run(count) / count;
}
