import type { MoonConfig } from '../../src/config/config.js';
import type { Catalogue } from '../../src/data/types.js';
import { GROCERY_PACK } from '../../src/datasets/grocery/pack.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { preparePixels } from '../../src/encoder/prepare.js';
import { startNetwork } from '../../src/encoder/start-network.js';
import { startEngine } from '../../src/engine/engine.js';
import * as tf from '../../src/engine/tf.js';
import type { Pixels } from '../../src/pictures/picture-store.js';
import { train } from '../../src/train/loop.js';
import type { StepRecord } from '../../src/train/step-record.js';
import { median } from './rival.js';
import { matmulFlop, matmulTime, row } from './sized.js';
import type { Bench } from './table.js';

/** The first steps trace and compile. */
const WARM = 8;
const MEASURED = 24;

/**
 * The default run (base `grocery` on its pack): products and queries a second, arithmetic a second of the matrix products and convolutions of
 * a step beside a product of 1024 x 1024 in the same process, and the share of its time that a step waits for data. Medians over steps: those
 * that load a graph take seconds, and waiting would look small beside them.
 */
export const rows: Bench = async () => {
  await startEngine();
  const catalogue = await openCatalogue(GROCERY_PACK);
  const pixels = await preparePixels(grocery, catalogue);
  const before = matmulTime();
  const flop = await countFlop(catalogue, pixels);
  const records = (await run(grocery, catalogue, pixels, WARM + MEASURED)).slice(WARM);
  const limit = matmulFlop / median([before, matmulTime()]) / 1e6;
  const seconds = median(records.map((record) => record.seconds));
  const { products, queries } = grocery.sampler;
  const rate = flop / seconds / 1e9;
  return [
    row('default run: one step', seconds, 's (less is better)'),
    row('default run: products and queries', (products * (1 + queries)) / seconds, 'a second (more is better)'),
    {
      ...row('default run; rival: matmul 1024', rate, 'GFLOPS (more is better)'),
      rival: limit,
      ratio: rate / limit,
    },
    row(
      'default run: waiting for data',
      (100 * median(records.map(({ dataSeconds }) => dataSeconds))) / seconds,
      '% of the time (less is better)',
    ),
  ];
};

async function run(config: MoonConfig, catalogue: Catalogue, pixels: Pixels, steps: number): Promise<StepRecord[]> {
  const encoder = startNetwork({ ...config, optimizer: { ...config.optimizer, steps } }, catalogue);
  const records: StepRecord[] = [];
  await train(encoder, catalogue, pixels, { onStep: (record) => records.push(record) });
  encoder.parameters.dispose();
  return records;
}

/** Multiplications and additions of one step, from the shapes of its kernels while it runs operation by operation. */
async function countFlop(catalogue: Catalogue, pixels: Pixels): Promise<number> {
  const { kernels } = await tf.profile(async () => {
    await run({ ...grocery, engine: { compile: false } }, catalogue, pixels, 1);
    return tf.scalar(0);
  });
  return kernels.reduce((sum, { name, inputShapes, outputShapes }) => {
    const [first, second] = inputShapes as number[][];
    const [out] = outputShapes as number[][];
    if (/MatMul$/.test(name)) return sum + 2 * size(out) * (size(first.slice(-2)) / out[out.length - 2]);
    // x, filter -> y; dy, filter -> dx; x, dy -> filter
    if (name === 'Conv2D') return sum + 2 * size(out) * size(second.slice(0, 3));
    if (name === 'Conv2DBackpropInput') return sum + 2 * size(first) * size(second.slice(0, 3));
    if (name === 'Conv2DBackpropFilter') return sum + 2 * size(second) * size(out.slice(0, 3));
    return sum;
  }, 0);
}

const size = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);
