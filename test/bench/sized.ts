import type { QwenConfig } from '../../src/backbones/qwen25vl/config.js';
import { publishedImageProcessor } from '../../src/backbones/qwen25vl/image-processor.js';
import { type Size, sizedConfig, sizes } from '../../src/backbones/qwen25vl/sizes.js';
import * as tf from '../../src/engine/tf.js';
import { type Batch, type BatchTensors, buildBatch, uploadBatch } from '../../src/moon/batch.js';
import { batchOptions, type MoonModel } from '../../src/moon/model.js';
import type { Segment } from '../../src/moon/sequence.js';
import type { SizeName } from '../../src/pictures/tower-option.js';
import { median } from './rival.js';
import type { BenchRow } from './table.js';

/** Special tokens and the vocabulary of every sized network that benches run. */
export const tokens = { image: 1, video: 2, visionStart: 3, visionEnd: 4, pad: 0, end: 5 };
export const vocabSize = 8192;

/** The published network of a named size. */
export const sizedNetwork = (name: SizeName) => sizedConfig(name, { vocabSize, tokens });

/** Token ids of one sequence and the grid of its images: two images and text, as a product's photo, crop and title. */
export function sizedSequence({ vision }: QwenConfig, { imageSize, tokens: length }: Size) {
  const side = imageSize / vision.patchSize;
  const image = Array<number>((side / vision.mergeSize) ** 2).fill(tokens.image);
  const ids = [image, image].flatMap((each) => [tokens.visionStart, ...each, tokens.visionEnd]);
  for (let i = 0; ids.length < length; i++) ids.push(10 + ((i * 37) % (vocabSize - 10)));
  return { ids, grid: { t: 1, h: side, w: side } };
}

/** MOON at a named size: dense, or with the paper's guided experts in every second block. */
export function sizedMoon(name: SizeName, kind: 'dense' | 'guided'): MoonModel<QwenConfig> {
  const { depth, imageSize } = sizes[name];
  const blocks = Array.from({ length: depth }, (_, block) => block).filter((block) => block % 2 === 1);
  return {
    network: sizedNetwork(name),
    normalisation: publishedImageProcessor,
    imageSize,
    attention: 'causal',
    vision: { kind: 'qwen' },
    experts: kind === 'dense' ? { kind: 'none' } : { kind: 'guided', count: 6, topK: 1, blocks },
    pooling: { kind: 'mean' },
  };
}

/** A full batch of a size: half of each text is title, a quarter category, a quarter attributes. The caller frees `tensors`. */
export function sizedBatch(
  name: SizeName,
  model: MoonModel<QwenConfig>,
): { batch: Batch; tensors: BatchTensors; aspects: string[] } {
  const { batch: count, imageSize } = sizes[name];
  const { ids } = sizedSequence(model.network, sizes[name]);
  const picture = ids.lastIndexOf(tokens.visionEnd) + 1;
  const text = ids.length - picture;
  const cuts = [0, picture / 2, picture, picture + text / 2, picture + (3 * text) / 4, ids.length].map(Math.round);
  const image = { image: { id: 'noise', source: { kind: 'file' as const, path: 'noise' } } };
  const segments = (['image', 'crop', 'title', 'category', 'attribute'] as const).map((aspect, at): Segment => {
    const own = { aspect, ids: ids.slice(cuts[at], cuts[at + 1]) };
    return at < 2 ? { ...own, image } : own;
  });
  const sequences = Array.from({ length: count }, (_, at) => ({ id: String(at), segments }));
  const batch = buildBatch(sequences, batchOptions(model));
  const pixels = tf.randomUniform([2 * count, imageSize, imageSize, 3], 0, 1, 'float32', 1);
  return {
    batch,
    tensors: uploadBatch(batch, pixels),
    aspects: segments.flatMap(({ aspect, ids }) => ids.map(() => aspect)),
  };
}

/** Multiplications and additions of the matrix products of one forward pass; the backward pass has twice as many. */
export function forwardFlop({ vision, text }: QwenConfig, { batch, tokens: length, imageSize }: Size): number {
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

/** Milliseconds of a 1024 matmul, the median of a few. */
export function matmulTime(): number {
  const [a, b] = [tf.randomNormal([1024, 1024]), tf.randomNormal([1024, 1024])];
  const once = () => {
    const started = performance.now();
    tf.tidy(() => void tf.matMul(a, b).dataSync());
    return performance.now() - started;
  };
  once();
  const time = median(Array.from({ length: 9 }, once));
  tf.dispose([a, b]);
  return time;
}

/** Multiplications and additions of that matmul. */
export const matmulFlop = 2 * 1024 ** 3;

/** A row without a rival. */
export function row(name: string, ours: number, unit: string): BenchRow {
  return { name, ours, rival: null, ratio: null, unit };
}
