import { type Weights, weightsUnder } from '../../engine/flat-weights.js';
import * as tf from '../../engine/tf.js';
import { patchPlaces } from '../../pictures/patch-places.js';
import type { EncodeOptions, SizedImages } from '../family.js';
import { attend, attentionMask, fromHeads } from '../layers/attention.js';
import { runBlockOf } from '../layers/gradient-checkpoint.js';
import { gelu, geluTanh, layerNorm, linear } from '../layers/layers.js';
import { namedLayers } from '../layers/named-layers.js';
import { type RotaryTable, rotate, scaledTable } from '../layers/rotary.js';
import { embedFlat, embedStill } from '../layers/still-patches.js';
import type { Grid } from '../qwen25vl/config.js';
import type { Qwen3VisionConfig } from './config.js';
import { type mergerNames, visionBlock, visionNames } from './names.js';
import { axialTable, interpolatedPositions, positionsOn, unitOrder } from './positions.js';

/** Fixed by the published code, not by `config.json`. */
const normEpsilon = 1e-6;

export type Qwen3VisionOutput = {
  /** [tokens, outWidth], frame by frame and row by row. */
  tokens: tf.Tensor2D;
  /** The same shape for each of `deepstackBlocks`. */
  deepstack: tf.Tensor2D[];
};

/**
 * Qwen3-VL's vision tower on one image or video (arXiv 2511.21631, section 2.1): patches with learned, interpolated positions, blocks with
 * axial rotary positions and full attention within a frame, a merger, and deepstack's mergers of inner blocks.
 * @param patches flattened patches of the image processor [t * h * w, channels * temporalPatchSize * patchSize ** 2]
 */
export function encodeImage(
  config: Qwen3VisionConfig,
  weights: Weights,
  patches: tf.Tensor2D,
  grid: Grid,
): Qwen3VisionOutput {
  return tf.tidy(() => {
    const kernel = tf.reshape(weights[visionNames.patches.weight], [config.width, -1]);
    return runTower(config, weights, linear(patches, kernel, weights[visionNames.patches.bias]), grid);
  });
}

/**
 * The same on still images of one size: tokens and deepstack [images * tokens, outWidth], image by image.
 * @param pixels normalised [images, height, width, channels], both sides multiples of patchSize * mergeSize
 */
export function encodeStill(
  config: Qwen3VisionConfig,
  weights: Weights,
  pixels: tf.Tensor4D,
  { checkpoint }: EncodeOptions = {},
): Qwen3VisionOutput {
  return tf.tidy(() => {
    const { patchSize, mergeSize } = config;
    const [count, height, width] = pixels.shape;
    const { weight, bias } = visionNames.patches;
    const embedded = embedStill(pixels, weights[weight], weights[bias], mergeSize);
    // Frames never attend to each other, so each image is a frame.
    const grid = { t: count, h: height / patchSize, w: width / patchSize };
    return runTower(config, weights, embedded, grid, checkpoint);
  });
}

/**
 * The same on still images of different sizes, padded to one number of patches: tokens and deepstack [images * tokens, outWidth], those of
 * padding meaning nothing.
 */
export function encodeSized(
  config: Qwen3VisionConfig,
  weights: Weights,
  { patches, grids }: SizedImages,
  { checkpoint }: EncodeOptions = {},
): Qwen3VisionOutput {
  return tf.tidy(() => {
    const [frames, length, patchWidth] = patches.shape;
    const { row, column, real } = patchPlaces(grids, length, config.mergeSize);
    const { weight, bias } = visionNames.patches;
    const flat = tf.reshape(patches, [frames * length, patchWidth]) as tf.Tensor2D;
    const sizes = tf.split(tf.mul(grids, tf.scalar(config.mergeSize, 'int32')), 2, 1) as tf.Tensor2D[];
    const positions = positionsOn(config, weights[visionNames.positions] as tf.Tensor2D, [row, column], sizes);
    const table = axialTable(config, tf.reshape(tf.stack([row, column], 2), [frames * length, 2]));
    const mask = attentionMask(tf.cast(real, 'float32'), length, length, false);
    const embedded = tf.add(embedFlat(flat, weights[weight], weights[bias]), positions) as tf.Tensor2D;
    return runBlocks(config, weights, embedded, { frames, table, mask }, checkpoint);
  });
}

/** From patch embeddings [t * h * w, width] on. */
function runTower(
  config: Qwen3VisionConfig,
  weights: Weights,
  embedded: tf.Tensor2D,
  grid: Grid,
  checkpoint = false,
): Qwen3VisionOutput {
  return tf.tidy(() => {
    const places = unitOrder(config, grid);
    const positions = interpolatedPositions(config, weights[visionNames.positions] as tf.Tensor2D, grid, places);
    const table = axialTable(config, tf.tensor2d(places.flat(), [places.length, 2], 'int32'));
    const x = tf.add(embedded, tf.tile(positions, [grid.t, 1])) as tf.Tensor2D;
    return runBlocks(config, weights, x, { frames: grid.t, table }, checkpoint);
  });
}

/** Inputs of a block besides patches and weights. */
interface BlockContext {
  frames: number;
  table: RotaryTable;
  /** Of attention (`attend`); without it every patch attends to every other of its frame. */
  mask?: tf.Tensor3D;
}

/** All blocks and mergers, from patch embeddings with positions [frames * patches, width] on. */
function runBlocks(
  config: Qwen3VisionConfig,
  weights: Weights,
  embedded: tf.Tensor2D,
  context: BlockContext,
  checkpoint = false,
): Qwen3VisionOutput {
  return tf.tidy(() => {
    const { deepstackBlocks } = config;
    let x = embedded;
    const deepstack: tf.Tensor2D[] = [];
    for (let block = 0; block < config.depth; block++) {
      const own = weightsUnder(weights, visionBlock(block));
      x = runBlockOf(checkpoint, (...given) => runBlock(config, block, ...given), x, own, context);
      const index = deepstackBlocks.indexOf(block);
      if (index >= 0) deepstack[index] = mergeAfterJoining(config, weights, visionNames.deepstack(index), x);
    }
    return { tokens: merge(config, weights, visionNames.merger, x), deepstack };
  });
}

function runBlock(
  { heads, width }: Qwen3VisionConfig,
  block: number,
  x: tf.Tensor2D,
  weights: Weights,
  { frames, table, mask }: BlockContext,
): tf.Tensor2D {
  return tf.tidy(() => {
    const { layer, norm } = namedLayers(weights, visionBlock(block), normEpsilon);
    const patches = x.shape[0] / frames;
    const qkv = tf.reshape(layer('attn.qkv', norm('norm1', x)), [frames, patches, 3 * heads, width / heads]);
    const [q, k, v] = tf.split(tf.transpose(qkv, [2, 0, 1, 3]), 3, 0) as tf.Tensor4D[];
    const attended = attend(rotate(q, scaledTable(table, (width / heads) ** -0.5)), rotate(k, table), v, mask);
    const after: tf.Tensor2D = tf.add(x, layer('attn.proj', fromHeads(attended)));
    return tf.add(
      after,
      layer('mlp.linear_fc2', geluTanh(layer('mlp.linear_fc1', norm('norm2', after)))),
    ) as tf.Tensor2D;
  });
}

type Merger = ReturnType<typeof mergerNames>;

/** One token of each mergeSize x mergeSize patches, which are normalised one by one. */
function merge(config: Qwen3VisionConfig, weights: Weights, names: Merger, x: tf.Tensor2D): tf.Tensor2D {
  const normed = layerNorm(x, weights[names.norm.weight], weights[names.norm.bias], normEpsilon);
  return project(weights, names, joined(config, normed));
}

/** The same, but the patches of a token are normalised together. */
function mergeAfterJoining(config: Qwen3VisionConfig, weights: Weights, names: Merger, x: tf.Tensor2D): tf.Tensor2D {
  const units = joined(config, x);
  return project(weights, names, layerNorm(units, weights[names.norm.weight], weights[names.norm.bias], normEpsilon));
}

const joined = ({ width, mergeSize }: Qwen3VisionConfig, x: tf.Tensor2D) =>
  tf.reshape(x, [-1, width * mergeSize ** 2]) as tf.Tensor2D;

function project(weights: Weights, { inner, outer }: Merger, units: tf.Tensor2D): tf.Tensor2D {
  const hidden = gelu(linear(units, weights[inner.weight], weights[inner.bias]));
  return linear(hidden, weights[outer.weight], weights[outer.bias]);
}
