import { familyOf } from '../backbones/families.js';
import type { EncodedImages, SquareImages } from '../backbones/family.js';
import { initWeights } from '../backbones/init-weights.js';
import { runLanguage } from '../backbones/layers/decoder.js';
import { TOKENS } from '../backbones/layers/decoder-names.js';
import { type Normalisation, normalisePixels } from '../backbones/layers/normalisation.js';
import { isVision } from '../backbones/layers/vision-names.js';
import type { PublishedConfig } from '../backbones/published-config.js';
import { wrongOption } from '../checks/error.js';
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

/** MOON's encoder: a network of any family whose blocks may have experts, pooled to one vector (paper, figures 4 and 5). */
export interface MoonModel<Network extends PublishedConfig = PublishedConfig> {
  network: Network;
  /** Of the pixels that the network's own vision tower reads. */
  normalisation: Normalisation;
  /** Side of every input picture, in pixels. */
  imageSize: number;
  attention: 'causal' | 'bidirectional';
  vision: VisionOption;
  experts: ExpertsOption;
  pooling: PoolingOption;
}

/** The options of `buildBatch` for a model. */
export function batchOptions({ network, imageSize, vision, experts }: MoonModel): BatchOptions {
  const side = vision.kind === 'onnx' ? visionOption(vision).pool : imageSize / pixelsPerToken(network);
  return {
    vocabulary: network.text.vocabSize,
    imageTokenId: network.imageTokenId!,
    imageGrid: { rows: side, columns: side },
    positions: familyOf(network).positionsOfImages,
    // A network without guided experts uses the paper's slots, so that its batches have the same shapes as those of the guided network that
    // it is compared with.
    groupTable: experts.kind === 'guided' ? namedGroups(experts) : paperGroups,
  };
}

/** How the network's family encodes square images. @throws UserError for a network without a vision tower */
export function towerOf(network: PublishedConfig): SquareImages {
  const { square, name } = familyOf(network);
  if (!square) throw wrongOption('vision.kind', 'qwen', `'onnx'`, `A ${name} network has no vision tower of its own.`);
  return square;
}

/** Side of the square of pixels that becomes one visual token. */
export function pixelsPerToken(network: PublishedConfig): number {
  const { patchSize, mergeSize } = towerOf(network).tower(network);
  return patchSize * mergeSize;
}

/**
 * Initialise a new model's weights: the dense network, then experts as copies of the layers that they replace. A frozen encoder's weights stay
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
  { text }: PublishedConfig,
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
  const rows = visual ? tf.concat([table, visual.features], 0) : table;
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
    deepstack: visual?.deepstack?.map((each) => atImageTokens(each, tensors.source, network, embeddings.shape)),
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
  { network, vision, imageSize, normalisation }: MoonModel,
  weights: Weights,
  pictures: PictureInput,
): EncodedImages | undefined {
  const input = 'images' in pictures ? cutPictures(pictures, imageSize) : pictures;
  if (!input.shape[0]) return undefined;
  if (vision.kind === 'onnx') return { features: projectFeatures(weights, input) };
  return towerOf(network).encode(network, weights, normalisePixels(input as tf.Tensor4D, normalisation));
}

/**
 * Features of all visual tokens at the places of their tokens, 0 at all others: [images * tokens, width] -> `shape`.
 * @param source `BatchTensors.source`
 */
function atImageTokens(
  features: tf.Tensor2D,
  source: tf.Tensor1D,
  { text }: PublishedConfig,
  shape: tf.Tensor3D['shape'],
): tf.Tensor3D {
  const rows = tf.concat([tf.zeros([1, text.width]), features], 0) as tf.Tensor2D;
  const visual = tf.maximum(tf.sub(source, text.vocabSize - 1), 0).toInt() as tf.Tensor1D;
  return tf.reshape(gatherRows(rows, visual), shape) as tf.Tensor3D;
}
