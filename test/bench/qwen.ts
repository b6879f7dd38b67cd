import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { initWeights } from '../../src/backbones/init-weights.js';
import { embeddingSources, embedTokens, mergeImageTokens, runLanguage } from '../../src/backbones/layers/decoder.js';
import { configToJson } from '../../src/backbones/qwen25vl/config-file.js';
import { ropeIndex } from '../../src/backbones/qwen25vl/positions.js';
import { type Size, sizedConfig, sizes } from '../../src/backbones/qwen25vl/sizes.js';
import { encodeImages } from '../../src/backbones/qwen25vl/vision.js';
import { weightShapes } from '../../src/backbones/qwen25vl/weight-shapes.js';
import { loadWeights } from '../../src/backbones/qwen25vl/weights.js';
import { startEngine } from '../../src/engine/engine.js';
import type { Weights } from '../../src/engine/flat-weights.js';
import { peakMemory } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import type { SizeName } from '../../src/pictures/tower-option.js';
import { writeSafetensors } from '../../src/store/safetensors.js';
import { interleave, type Rival, startRival } from './rival.js';
import { forwardFlop, matmulFlop, matmulTime, row, sizedNetwork, sizedSequence, tokens } from './sized.js';
import type { Bench, BenchRow } from './table.js';
import { trainingStep } from './training-step.js';

const less = 'less is better';
const more = 'more is better';

/** Steps and embeddings of the named sizes, beside Hugging Face transformers on PyTorch with the same configuration and batch. */
export const rows: Bench = async ({ python }) => {
  await startEngine();
  const rival = python ? await startRival(python, new URL('./qwen.py', import.meta.url)) : undefined;
  if (rival) console.error(`rival: ${rival.about}`);
  try {
    const memory = [await loadRow(), ...memoryRows('tiny')];
    return [...memory, ...(await sizeRows('tiny', rival)), ...(await sizeRows('nano', rival))];
  } finally {
    rival?.stop();
  }
};

async function sizeRows(name: SizeName, rival: Rival | undefined): Promise<BenchRow[]> {
  const work = prepare(name);
  const asked = (what: string) =>
    rival && { ...rival, measure: () => rival.measure(JSON.stringify({ what, ...work.request })) };
  const time = { unit: `ms (${less})` };
  const saving = await interleave(`${name}: training step, checkpoints`, work.frugal.run, undefined, time);
  const step = await interleave(`${name}: training step`, work.plain.run, asked('step'), time);
  const speed = ((3 * work.forwardFlop) / step.ours) * (matmulTime() / matmulFlop);
  const { batch } = sizes[name];
  const embedding = () => (1000 * batch) / work.plain.embed();
  const table = [
    saving,
    step,
    row(`${name}: training step, share of the 1024 matmul's speed`, speed, more),
    await interleave(`${name}: embedding`, embedding, asked('embedding'), { unit: `sequences/s (${more})` }),
  ];
  work.dispose();
  return table;
}

/** What a training step adds to the most memory that the process ever held: the frugal one first, because that cannot shrink. */
function memoryRows(name: SizeName): BenchRow[] {
  const work = prepare(name);
  const table = [true, false].map((checkpoint) => {
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 3; i++) work[checkpoint ? 'frugal' : 'plain'].run();
    const held = (peakMemory() - before) / 1e6;
    return row(`${name}: peak memory of a training step${checkpoint ? ', checkpoints' : ''}`, held, `MB (${less})`);
  });
  work.dispose();
  return table;
}

/** One network with a batch: each sequence holds two images and text, as a product's photo, crop and title do. */
function prepare(name: SizeName) {
  const size: Size = sizes[name];
  const config = sizedNetwork(name);
  const { ids, grid } = sizedSequence(config, size);
  const all = Array.from({ length: size.batch }, () => ids).flat();
  const { positions } = ropeIndex(Array(size.batch).fill({ ids, grids: [grid, grid] }), {
    imageTokenId: tokens.image,
    mergeSize: config.vision.mergeSize,
  });
  const shape: [number, number] = [size.batch, size.tokens];
  const inputs = {
    ids: tf.tensor2d(all, shape, 'int32'),
    sources: tf.tensor1d(embeddingSources(all, tokens.image), 'int32'),
    positions: tf.tensor3d(positions, [3, ...shape], 'int32'),
    mask: tf.ones<tf.Rank.R2>(shape),
    pixels: tf.randomNormal<tf.Rank.R4>([2 * size.batch, size.imageSize, size.imageSize, 3], 0, 1, 'float32', 1),
    target: tf.randomNormal([size.batch, config.text.width], 0, 1, 'float32', 2),
  };
  const step = (checkpoint: boolean) => {
    const embed = (weights: Weights, { ids, pixels, positions, mask, sources }: typeof inputs) => {
      const pictures = encodeImages(config.vision, weights, { kind: 'pixels', pixels }, { checkpoint });
      const features = tf.reshape<tf.Rank.R2>(pictures.tokens, [-1, config.text.width]);
      const embeddings = mergeImageTokens(embedTokens(config.text, weights, ids), features, sources);
      const given = { embeddings, positions, mask, attention: 'causal', checkpoint } as const;
      return tf.mean(runLanguage(config.text, weights, given).last, 1);
    };
    const loss = (weights: Weights, given: typeof inputs) =>
      tf.sum(tf.mul(embed(weights, given), given.target)) as tf.Scalar;
    return trainingStep({ weights: initWeights(config, randomStream(1, 'init')), inputs, embed, loss }, false);
  };
  const [plain, frugal] = [step(false), step(true)];
  return {
    /** What the rival needs to build the same. */
    request: { name, config: configToJson(config), ids, grid, batch: size.batch },
    forwardFlop: forwardFlop(config, size),
    plain,
    /** The same with checkpoints. */
    frugal,
    dispose() {
      plain.dispose();
      frugal.dispose();
      tf.dispose(inputs);
    },
  };
}

/** Peak memory of loading a folder of 370 MB, most of it one tensor, as a multiple of its float32 weights. */
async function loadRow(): Promise<BenchRow> {
  const dir = await mkdtemp(join(tmpdir(), 'moon-bench-'));
  try {
    const config = sizedConfig('small', { vocabSize: 250_000, tokens });
    const count = (shape: number[]) => shape.reduce((product, side) => product * side, 1);
    const shapes = Object.entries(weightShapes(config));
    await writeFile(join(dir, 'config.json'), JSON.stringify(configToJson(config)));
    writeSafetensors(
      join(dir, 'model.safetensors'),
      shapes.map(([name, shape]) => ({ name, shape, values: () => new Float32Array(count(shape)).fill(1) })),
    );
    // What the process ever held is from loading: writing held one tensor at a time.
    await collectGarbage();
    const before = process.memoryUsage.rss();
    tf.dispose(loadWeights(dir));
    const bytes = shapes.reduce((sum, [, shape]) => sum + 4 * count(shape), 0);
    return row('loading: peak memory / float32 weights', (peakMemory() - before) / bytes, less);
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** Node offers it only behind a flag, and gives memory back a little later. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  await setTimeout(500);
}
