import { type Weights, weightsUnder } from '../../engine/flat-weights.js';
import { permute } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';
import { adaptedLinear } from '../layers/adapted-linear.js';
import { attend, fromHeads } from '../layers/attention.js';
import { runBlockOf } from '../layers/gradient-checkpoint.js';
import { type Dropout, drop, gelu, linear, rmsNorm, swiglu } from '../layers/layers.js';
import { inverseFrequencies, type RotaryTable, rotaryTable, rotate, scaledTable } from '../layers/rotary.js';
import type { VisionConfig } from './config.js';
import { visionBlock, visionNames } from './names.js';
import { embedPatches, gridOf, type ImageInput } from './stem.js';
import { patchPositions, planWindows, type WindowGroup } from './windows.js';

/** Fixed by the published code, not by `config.json`. */
const normEpsilon = 1e-6;
const ropeTheta = 10_000;
/** First dropout site of the vision tower, above all sites of the language model. */
const firstSite = 10_000;

export type VisionOptions = {
  dropout?: Dropout;
  /** Gradient checkpointing: recompute each block in the backward pass. */
  checkpoint?: boolean;
  want?: { hiddenStates?: boolean };
};

export type VisionOutput = {
  /** [batch, tokens, outWidth], frame by frame and row by row. */
  tokens: tf.Tensor3D;
  /** The patch embeddings, then the output of each block [batch, patches, width], patches in input order. */
  hiddenStates?: tf.Tensor3D[];
};

/**
 * Groups of attention windows of one block, with the rotary tables of their patches and, where not every patch attends to every other of its
 * window, a mask (`attend`).
 */
export type Attention = { group: WindowGroup; queries: RotaryTable; keys: RotaryTable; mask?: tf.Tensor3D }[];

/** The attention of blocks that attend to the entire frame, and of those that attend within windows. */
interface Attentions {
  frames: number;
  full: Attention;
  windowed: Attention;
}

/** Inputs of a block besides tokens and weights. */
interface BlockContext {
  frames: number;
  attention: Attention;
  dropout: Dropout | undefined;
}

/**
 * Run Qwen2.5-VL's vision tower on a batch of images of one size: patch embedding, blocks with window or full attention, merger (arXiv
 * 2502.13923, section 2.1.1). A pure function of its arguments.
 * @throws UserError when the image sides are not multiples of the merged patch, or the stem does not accept this kind of input
 */
export function encodeImages(
  config: VisionConfig,
  weights: Weights,
  input: ImageInput,
  options: VisionOptions = {},
): VisionOutput {
  return tf.tidy(() => {
    const grid = gridOf(config, input);
    const batch = (input.kind === 'patches' ? input.patches : input.pixels).shape[0];
    // Frames never attend to each other, so each frame is an entry of the batch.
    const frames = batch * grid.t;
    const patches = grid.h * grid.w;
    const plan = planWindows(config, grid);
    const moved = plan.order.some((unit, place) => unit !== place);
    const [order, inverse] = [tf.tensor1d(plan.order, 'int32'), tf.tensor1d(plan.inverse, 'int32')];
    /** Reorder the merge units of every frame. `x` has the same number of rows per unit. */
    const reorder = (x: tf.Tensor2D, to: tf.Tensor1D, back: tf.Tensor1D): tf.Tensor2D =>
      moved ? tf.reshape(permute(tf.reshape(x, [frames, to.size, x.size / (frames * to.size)]), to, back), x.shape) : x;

    const positions = patchPositions(config, grid, plan.order);
    const full = attentionIn(config, positions, [{ count: 1, length: patches }]);
    const windowed = attentionIn(config, positions, plan.groups);
    const embedded = reorder(embedPatches(config, weights, input), order, inverse);
    const { x, states } = runBlocks(config, weights, embedded, { frames, full, windowed }, options);
    const tokens = reorder(merge(config, weights, x), inverse, order);
    const inOrder = (state: tf.Tensor2D) =>
      tf.reshape(reorder(state, inverse, order), [batch, grid.t * patches, config.width]) as tf.Tensor3D;
    return {
      tokens: tf.reshape(tokens, [batch, tokens.shape[0] / batch, config.outWidth]),
      ...(options.want?.hiddenStates ? { hiddenStates: [...states, x].map(inOrder) } : {}),
    };
  });
}

/** Run all blocks on patch embeddings [frames * patches, width], which are freed; on request with the input of each block. */
export function runBlocks(
  config: VisionConfig,
  weights: Weights,
  embedded: tf.Tensor2D,
  { frames, full, windowed }: Attentions,
  { checkpoint, dropout, want }: VisionOptions,
): { x: tf.Tensor2D; states: tf.Tensor2D[] } {
  let x = embedded;
  const states: tf.Tensor2D[] = [];
  for (let block = 0; block < config.depth; block++) {
    const attention = config.fullAttentionBlocks.includes(block) ? full : windowed;
    const own = weightsUnder(weights, visionBlock(block));
    const before = x;
    x = tf.tidy(() =>
      runBlockOf(checkpoint, (...given) => runBlock(config, block, ...given), x, own, { frames, attention, dropout }),
    );
    if (want?.hiddenStates) states.push(before);
    else before.dispose();
  }
  return { x, states };
}

/** The attention of each group of windows. */
function attentionIn(config: VisionConfig, positions: Int32Array, groups: WindowGroup[]): Attention {
  let start = 0;
  return groups.map((group) => {
    const rows = group.count * group.length;
    const part = tf.tensor2d(positions.slice(2 * start, 2 * (start + rows)), [rows, 2], 'int32');
    start += rows;
    return { group, ...tablesAt(config, part) };
  });
}

/** Rotary tables of patches at positions [patches, 2]: half of a head encodes a patch's row, the other half its column. */
export function tablesAt({ width, heads }: VisionConfig, positions: tf.Tensor2D) {
  const headWidth = width / heads;
  const frequencies = inverseFrequencies(headWidth / 2, ropeTheta);
  const axisOf = [...frequencies.map(() => 0), ...frequencies.map(() => 1)];
  const keys = rotaryTable(positions, [...frequencies, ...frequencies], axisOf);
  return { keys, queries: scaledTable(keys, headWidth ** -0.5) };
}

function runBlock(
  config: VisionConfig,
  block: number,
  x: tf.Tensor2D,
  weights: Weights,
  { frames, attention, dropout }: BlockContext,
): tf.Tensor2D {
  const weight = (name: string) => weights[`${visionBlock(block)}${name}`];
  const layer = (name: string, from: tf.Tensor2D) => adaptedLinear(weights, `${visionBlock(block)}${name}`, from);
  const qkv = layer('attn.qkv', rmsNorm(x, weight('norm1.weight'), normEpsilon));
  const attended = layer('attn.proj', attendInWindows(config, qkv, frames, attention));
  const afterAttention: tf.Tensor2D = tf.add(x, drop(attended, dropout, firstSite + 2 * block));
  const normed = rmsNorm(afterAttention, weight('norm2.weight'), normEpsilon);
  const transformed = layer('mlp.down_proj', swiglu(layer('mlp.gate_proj', normed), layer('mlp.up_proj', normed)));
  return tf.add(afterAttention, drop(transformed, dropout, firstSite + 2 * block + 1));
}

/** [frames * patches, 3 * width] -> [frames * patches, width]. Windows of one size run as one batch. */
function attendInWindows(config: VisionConfig, qkv: tf.Tensor2D, frames: number, attention: Attention): tf.Tensor2D {
  const { heads, width } = config;
  const patches = qkv.shape[0] / frames;
  const lengths = attention.map(({ group }) => group.count * group.length);
  const whole = tf.reshape(qkv, [frames, patches, 3 * width]) as tf.Tensor3D;
  const parts = attention.length === 1 ? [whole] : tf.split(whole, lengths, 1);
  const outputs = attention.map(({ group, queries, keys, mask }, i) => {
    const windows = tf.reshape(parts[i], [frames * group.count, group.length, 3 * heads, width / heads]);
    const [q, k, v] = tf.split(tf.transpose(windows, [2, 0, 1, 3]), 3, 0) as tf.Tensor4D[];
    const attended = attend(rotate(q, queries), rotate(k, keys), v, mask);
    return tf.reshape(fromHeads(attended), [frames, lengths[i], width]) as tf.Tensor3D;
  });
  return tf.reshape(outputs.length === 1 ? outputs[0] : tf.concat(outputs, 1), [frames * patches, width]);
}

/** Merge each unit of mergeSize x mergeSize patches into one token of the language model. */
export function merge(config: VisionConfig, weights: Weights, x: tf.Tensor2D): tf.Tensor2D {
  const { norm, inner, outer } = visionNames.merger;
  const normed = rmsNorm(x, weights[norm], normEpsilon);
  const units = tf.reshape(normed, [-1, config.width * config.mergeSize ** 2]) as tf.Tensor2D;
  const hidden = gelu(linear(units, weights[inner.weight], weights[inner.bias]));
  return linear(hidden, weights[outer.weight], weights[outer.bias]);
}
