import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startEngine } from '../../src/engine/engine.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { configToJson, type QwenConfig } from '../../src/qwen/config.js';
import { initWeights } from '../../src/qwen/init.js';
import { embeddingSources, embedTokens, mergeImageTokens, runLanguage } from '../../src/qwen/language.js';
import { ropeIndex } from '../../src/qwen/positions.js';
import { writeSafetensors } from '../../src/qwen/safetensors.js';
import { type Size, type SizeName, sizedConfig, sizes } from '../../src/qwen/sizes.js';
import { encodeImages } from '../../src/qwen/vision.js';
import { weightShapes } from '../../src/qwen/weight-shapes.js';
import { loadWeights, type Weights } from '../../src/qwen/weights.js';
import { adamW, biasCorrections, updateScales } from '../../src/train/adamw.js';
import { flatten, unflatten } from '../../src/train/flat.js';
import { interleave, type Rival, startRival } from './rival.js';
import type { Bench, BenchRow } from './table.js';

const tokens = { image: 1, video: 2, visionStart: 3, visionEnd: 4, pad: 0, end: 5 };
const vocabSize = 8192;
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
  const saving = await interleave(
    `${name}: training step, checkpoints`,
    () => work.trainingStep(true),
    undefined,
    time,
  );
  const step = await interleave(`${name}: training step`, () => work.trainingStep(false), asked('step'), time);
  const speed = (3 * work.forwardFlop) / step.ours / 1e6 / matmulSpeed();
  const { batch } = sizes[name];
  const embedding = () => (1000 * batch) / work.embedding();
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
    for (let i = 0; i < 3; i++) work.trainingStep(checkpoint);
    const held = (process.resourceUsage().maxRSS * 1024 - before) / 1e6;
    return row(`${name}: peak memory of a training step${checkpoint ? ', checkpoints' : ''}`, held, `MB (${less})`);
  });
  work.dispose();
  return table;
}

/** One network with a batch: each sequence holds two images and text, as a product's photo, crop and title do. */
function prepare(name: SizeName) {
  const size: Size = sizes[name];
  const config = sizedConfig(name, { vocabSize, tokens });
  const { ids, grid } = sequence(config, size);
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
  const { parameters, layout } = flatten(initWeights(config, randomStream(1, 'init')));
  let current = parameters;
  const scales = updateScales(layout, {});
  const rate = tf.scalar(1e-4);
  let moments = { mean: tf.zerosLike(parameters), variance: tf.zerosLike(parameters) };
  let step = 0;
  const options = { beta1: 0.9, beta2: 0.999, weightDecay: 0.01, clip: 1 };
  const embed = (weights: Weights, checkpoint: boolean) => {
    const pictures = encodeImages(config.vision, weights, { kind: 'pixels', pixels: inputs.pixels }, { checkpoint });
    const features = tf.reshape<tf.Rank.R2>(pictures.tokens, [-1, config.text.width]);
    const embeddings = mergeImageTokens(embedTokens(config.text, weights, inputs.ids), features, inputs.sources);
    const { positions, mask } = inputs;
    return tf.mean(
      runLanguage(config.text, weights, { embeddings, positions, mask, attention: 'causal', checkpoint }).last,
      1,
    );
  };
  return {
    /** What the rival needs to build the same. */
    request: { name, config: configToJson(config), ids, grid, batch: size.batch },
    forwardFlop: forwardFlop(config, size),
    /** Milliseconds of forward, backward and AdamW. */
    trainingStep(checkpoint: boolean): number {
      const started = performance.now();
      const { value, grad } = tf.tidy(() =>
        tf.valueAndGrad((flat: tf.Tensor) =>
          tf.sum(tf.mul(embed(unflatten(flat as tf.Tensor1D, layout), checkpoint), inputs.target)),
        )(current),
      );
      const corrections = biasCorrections(++step, options);
      const gradient = grad as tf.Tensor1D;
      const next = adamW({ parameters: current, gradient, ...moments, ...scales, rate, ...corrections }, options);
      next.norm.dataSync();
      tf.dispose([value, grad, current, moments, corrections, next.norm]);
      current = next.parameters;
      moments = { mean: next.mean, variance: next.variance };
      return performance.now() - started;
    },
    /** Milliseconds of a batch's embeddings without gradients. */
    embedding(): number {
      const started = performance.now();
      tf.tidy(() => void embed(unflatten(current, layout), false).dataSync());
      return performance.now() - started;
    },
    dispose: () => tf.dispose([inputs, current, moments, scales, rate]),
  };
}

/** Token ids of one sequence and the grid of its images. */
function sequence({ vision }: QwenConfig, { imageSize, tokens: length }: Size) {
  const side = imageSize / vision.patchSize;
  const image = Array<number>((side / vision.mergeSize) ** 2).fill(tokens.image);
  const ids = [image, image].flatMap((each) => [tokens.visionStart, ...each, tokens.visionEnd]);
  for (let i = 0; ids.length < length; i++) ids.push(10 + ((i * 37) % (vocabSize - 10)));
  return { ids, grid: { t: 1, h: side, w: side } };
}

/** Multiplications and additions of the matrix products of one forward pass; the backward pass has twice as many. */
function forwardFlop({ vision, text }: QwenConfig, { batch, tokens: length, imageSize }: Size): number {
  const patches = (imageSize / vision.patchSize) ** 2;
  const unit = vision.mergeSize ** 2;
  const window = (vision.windowSize / vision.patchSize) ** 2;
  const seen = Array.from({ length: vision.depth }, (_, block) =>
    vision.fullAttentionBlocks.includes(block) ? patches : window,
  );
  const visionBlock = 4 * vision.width ** 2 + 3 * vision.width * vision.feedForwardWidth;
  const perPatch =
    vision.width * vision.channels * vision.patchSize ** 2 +
    vision.depth * visionBlock +
    seen.reduce((sum, keys) => sum + 2 * keys * vision.width, 0) +
    (vision.width * unit * (vision.width * unit + vision.outWidth)) / unit;
  const shared = (2 * text.width * text.width * text.keyValueHeads) / text.heads;
  const textBlock = 2 * text.width ** 2 + shared + 3 * text.width * text.feedForwardWidth + 2 * length * text.width;
  return 2 * batch * (2 * patches * perPatch + length * text.depth * textBlock);
}

/** GFLOPS of a 1024 matmul, the best of a few. */
function matmulSpeed(): number {
  const [a, b] = [tf.randomNormal([1024, 1024]), tf.randomNormal([1024, 1024])];
  const once = () => {
    const started = performance.now();
    tf.tidy(() => void tf.matMul(a, b).dataSync());
    return (2 * 1024 ** 3) / (performance.now() - started) / 1e6;
  };
  const best = Math.max(...Array.from({ length: 20 }, once));
  tf.dispose([a, b]);
  return best;
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
    return row(
      'loading: peak memory / float32 weights',
      (process.resourceUsage().maxRSS * 1024 - before) / bytes,
      less,
    );
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

function row(name: string, ours: number, unit: string): BenchRow {
  return { name, ours, rival: null, ratio: null, unit };
}
