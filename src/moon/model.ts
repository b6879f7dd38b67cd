import { runLanguage } from '../backbones/layers/decoder.js';
import { TOKENS } from '../backbones/layers/decoder-names.js';
import type { QwenConfig } from '../backbones/qwen25vl/config.js';
import { publishedImageProcessor } from '../backbones/qwen25vl/image-processor.js';
import { initWeights } from '../backbones/qwen25vl/init.js';
import { isVision } from '../backbones/qwen25vl/names.js';
import { encodeImages } from '../backbones/qwen25vl/vision.js';
import type { Weights } from '../engine/flat-weights.js';
import { gatherRows } from '../engine/native-ops.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { PictureInput } from '../pictures/stored-pictures.js';
import { cutPictures } from '../pictures/stored-pictures.js';
import { type FrozenVisionOption, type VisionOption, visionOption } from '../pictures/vision-option.js';
import type { Batch, BatchOptions, BatchTensors } from './batch.js';
import { addExperts } from './experts/add-experts.js';
import { type ExpertRecord, expertLayer } from './experts/layer.js';
import { checkExperts, type ExpertsOption, namedGroups, paperGroups } from './experts/option.js';
import { pool } from './pooling.js';
import type { PoolingOption } from './pooling-option.js';
import { initProjector, projectFeatures } from './projector.js';
import { expertGroup, projectorNames } from './weight-names.js';

/** MOON's encoder: a Qwen2.5-VL network whose blocks may have experts, pooled to one vector (paper, figures 4 and 5). */
export interface MoonModel {
  network: QwenConfig;
  /** Side of every input picture, in pixels. */
  imageSize: number;
  attention: 'causal' | 'bidirectional';
  vision: VisionOption;
  experts: ExpertsOption;
  pooling: PoolingOption;
}

/** The options of `buildBatch` for a model. */
export function batchOptions({ network, imageSize, vision, experts }: MoonModel): BatchOptions {
  const frozen = vision.kind === 'onnx';
  const side = frozen ? visionOption(vision).pool : imageSize / network.vision.patchSize;
  return {
    vocabulary: network.text.vocabSize,
    imageTokenId: network.imageTokenId,
    grid: { t: 1, h: side, w: side },
    mergeSize: frozen ? 1 : network.vision.mergeSize,
    // A network without guided experts uses the paper's slots, so that its batches have the same shapes as those of the guided network that
    // it is compared with.
    groupTable: experts.kind === 'guided' ? namedGroups(experts) : paperGroups,
  };
}

/**
 * Initialise a model's weights: the dense network, then experts as copies of the layers that they replace. A frozen encoder's weights stay
 * in their own file.
 * @throws UserError for experts that do not fit the network
 */
export function initMoon(model: MoonModel, stream: RandomStream): Weights {
  checkExperts(model.experts, model.network.text.depth);
  return completeWeights(model, initWeights(model.network, stream.child('network')), stream);
}

/**
 * Add what a model has and its weights lack: a projector instead of the vision tower, and experts as copies of the layers that they replace.
 * Frees the weights that are replaced.
 */
export function completeWeights(
  { network, vision, experts }: MoonModel,
  given: Weights,
  stream: RandomStream,
): Weights {
  const names = Object.keys(given);
  const projected =
    vision.kind === 'onnx' && !names.includes(projectorNames.weight)
      ? replaceTower(given, network, vision, stream.child('projector'))
      : given;
  if (names.some((name) => expertGroup(name) !== undefined)) return projected;
  return addExperts(projected, experts, stream.child('experts'));
}

/** Replace the vision tower, whose weights are freed, by a projector. */
function replaceTower(
  weights: Weights,
  { text }: QwenConfig,
  vision: FrozenVisionOption,
  stream: RandomStream,
): Weights {
  const [tower, rest] = [true, false].map((own) => Object.entries(weights).filter(([name]) => isVision(name) === own));
  tf.dispose(Object.fromEntries(tower));
  return { ...Object.fromEntries(rest), ...initProjector(visionOption(vision), text.width, text.initRange, stream) };
}

export interface Embedded {
  /** Unit vectors [sequences, width]. */
  embeddings: tf.Tensor2D;
  /** [sequences, length, width] after the final norm. */
  hidden: tf.Tensor3D;
  /** Routing of each expert layer, block by block. */
  experts: ExpertRecord[];
  /** Attention weights of the last block [sequences, heads, length, length], on request. */
  attention?: tf.Tensor4D;
}

/**
 * Embed a batch: the vision encoder on all pictures (whole images and crops alike), their tokens inserted among the text tokens, the
 * language model, pooling. See `PictureInput` for the pictures. A pure, differentiable function that reads nothing on the host.
 */
export function embedBatch(
  model: MoonModel,
  weights: Weights,
  batch: Pick<Batch, 'groups'>,
  tensors: BatchTensors,
  { want }: { want?: { attention?: 'last' } } = {},
): Embedded {
  const { network } = model;
  const [sequences, length] = tensors.mask.shape;
  const table = weights[TOKENS] as tf.Tensor2D;
  const visual = visualRows(model, weights, tensors.pictures);
  const rows = visual ? tf.concat([table, visual], 0) : table;
  const embeddings = tf.reshape(gatherRows(rows, tensors.source), [
    sequences,
    length,
    network.text.width,
  ]) as tf.Tensor3D;
  const { experts } = model;
  const records: ExpertRecord[] = [];
  const { last, attention } = runLanguage(network.text, weights, {
    embeddings,
    positions: tensors.positions,
    mask: tensors.mask,
    attention: model.attention,
    want,
    feedForward: (block, x, dense) => {
      if (experts.kind === 'none' || !experts.blocks.includes(block)) return dense(x);
      const { output, record } = expertLayer(x, block, weights, experts, batch, tensors);
      records.push(record);
      const { routing, balance } = record;
      return { output, extra: { ...routing, balance } };
    },
  });
  return {
    embeddings: pool(last, tensors.mask, model.pooling),
    hidden: last,
    experts: records,
    attention: attention?.[0],
  };
}

/** Visual tokens of all pictures [images * tokens, width]; undefined without pictures. */
function visualRows(
  { network, vision, imageSize }: MoonModel,
  weights: Weights,
  pictures: PictureInput,
): tf.Tensor2D | undefined {
  const input = 'images' in pictures ? cutPictures(pictures, imageSize) : pictures;
  if (!input.shape[0]) return undefined;
  if (vision.kind === 'onnx') return projectFeatures(weights, input);
  const { tokens } = encodeImages(network.vision, weights, { kind: 'pixels', pixels: normalise(input as tf.Tensor4D) });
  return tf.reshape(tokens, [-1, network.text.width]) as tf.Tensor2D;
}

/**
 * Normalise pixels like the published image processor. Works on whole rows, because an operation over the three channels takes four times
 * as long.
 */
function normalise(pixels: tf.Tensor4D): tf.Tensor4D {
  const [count, height, width] = pixels.shape;
  const { mean, std } = publishedImageProcessor;
  const acrossRow = (channels: readonly number[]) => tf.tensor1d(Array(width).fill(channels).flat());
  const rows = tf.reshape(pixels, [count, height, width * 3]);
  return tf.reshape(tf.div(tf.sub(rows, acrossRow(mean)), acrossRow(std)), pixels.shape);
}
