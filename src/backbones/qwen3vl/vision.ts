import { type Weights, weightsUnder } from '../../engine/flat-weights.js';
import * as tf from '../../engine/tf.js';
import type { EncodeOptions } from '../family.js';
import { attend, fromHeads } from '../layers/attention.js';
import { runBlockOf } from '../layers/gradient-checkpoint.js';
import { gelu, geluTanh, layerNorm, linear } from '../layers/layers.js';
import { namedLayers } from '../layers/named-layers.js';
import { inverseFrequencies, type RotaryTable, rotaryTable, rotate, scaledTable } from '../layers/rotary.js';
import { embedStill } from '../layers/still-patches.js';
import type { Grid } from '../qwen25vl/config.js';
import type { Qwen3VisionConfig } from './config.js';
import { type mergerNames, visionBlock, visionNames } from './names.js';

/** Constants of the published code; `config.json` does not set them. */
const normEpsilon = 1e-6;
const ropeTheta = 10_000;

export type Qwen3VisionOutput = {
  /** [tokens, outWidth]: frame by frame, row by row. */
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

/** From patch embeddings [t * h * w, width] on. */
function runTower(
  config: Qwen3VisionConfig,
  weights: Weights,
  embedded: tf.Tensor2D,
  grid: Grid,
  checkpoint = false,
): Qwen3VisionOutput {
  return tf.tidy(() => {
    const { deepstackBlocks } = config;
    const places = unitOrder(config, grid);
    const positions = interpolatedPositions(config, weights[visionNames.positions] as tf.Tensor2D, grid, places);
    const table = axialTable(config, places);
    let x = tf.add(embedded, tf.tile(positions, [grid.t, 1])) as tf.Tensor2D;
    const deepstack: tf.Tensor2D[] = [];
    for (let block = 0; block < config.depth; block++) {
      const own = weightsUnder(weights, visionBlock(block));
      const context = { frames: grid.t, table };
      x = runBlockOf(checkpoint, (...given) => runBlock(config, block, ...given), x, own, context);
      const index = deepstackBlocks.indexOf(block);
      if (index >= 0) deepstack[index] = mergeAfterJoining(config, weights, visionNames.deepstack(index), x);
    }
    return { tokens: merge(config, weights, visionNames.merger, x), deepstack };
  });
}

/** Row and column of every patch of a frame, the patches of one token side by side. */
function unitOrder({ mergeSize }: Qwen3VisionConfig, { h, w }: Grid): [row: number, column: number][] {
  const places: [number, number][] = [];
  for (let top = 0; top < h; top += mergeSize)
    for (let left = 0; left < w; left += mergeSize)
      for (let y = top; y < top + mergeSize; y++) for (let x = left; x < left + mergeSize; x++) places.push([y, x]);
  return places;
}

/** Learned positions of a square grid, read bilinearly at the places of an image's own grid [h * w, width]. */
function interpolatedPositions(
  { positions }: Qwen3VisionConfig,
  learned: tf.Tensor2D,
  { h, w }: Grid,
  places: readonly [number, number][],
): tf.Tensor2D {
  const side = Math.sqrt(positions);
  const axis = (count: number) =>
    Array.from({ length: count }, (_, at) => {
      const place = count === 1 ? 0 : Math.fround((at * (side - 1)) / (count - 1));
      const low = Math.trunc(place);
      return { low, high: Math.min(low + 1, side - 1), part: Math.fround(place - low) };
    });
  const [rows, columns] = [axis(h), axis(w)];
  const mix = new Float32Array(places.length * positions);
  places.forEach(([y, x], at) => {
    const [row, column] = [rows[y], columns[x]];
    const add = (r: number, c: number, factor: number) => {
      mix[at * positions + r * side + c] += factor;
    };
    add(row.low, column.low, (1 - row.part) * (1 - column.part));
    add(row.low, column.high, (1 - row.part) * column.part);
    add(row.high, column.low, row.part * (1 - column.part));
    add(row.high, column.high, row.part * column.part);
  });
  return tf.matMul(tf.tensor2d(mix, [places.length, positions]), learned);
}

/** Half of a head encodes a patch's row, the other half its column. */
function axialTable({ width, heads }: Qwen3VisionConfig, places: readonly [number, number][]): RotaryTable {
  const frequencies = inverseFrequencies(width / heads / 2, ropeTheta);
  const axisOf = [...frequencies.map(() => 0), ...frequencies.map(() => 1)];
  const rows = tf.tensor2d(places.flat(), [places.length, 2], 'int32');
  return rotaryTable(rows, [...frequencies, ...frequencies], axisOf);
}

function runBlock(
  { heads, width }: Qwen3VisionConfig,
  block: number,
  x: tf.Tensor2D,
  weights: Weights,
  { frames, table }: { frames: number; table: RotaryTable },
): tf.Tensor2D {
  return tf.tidy(() => {
    const { layer, norm } = namedLayers(weights, visionBlock(block), normEpsilon);
    const patches = x.shape[0] / frames;
    const qkv = tf.reshape(layer('attn.qkv', norm('norm1', x)), [frames, patches, 3 * heads, width / heads]);
    const [q, k, v] = tf.split(tf.transpose(qkv, [2, 0, 1, 3]), 3, 0) as tf.Tensor4D[];
    const attended = attend(rotate(q, scaledTable(table, (width / heads) ** -0.5)), rotate(k, table), v);
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
