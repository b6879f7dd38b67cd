import { familyOf } from '../backbones/families.js';
import type { EncodeOptions } from '../backbones/family.js';
import { initWeights } from '../backbones/init-weights.js';
import { type LanguageInput, runLanguage } from '../backbones/layers/decoder.js';
import { TOKENS } from '../backbones/layers/decoder-names.js';
import { isVision } from '../backbones/layers/vision-names.js';
import type { PublishedConfig } from '../backbones/published-config.js';
import type { Weights } from '../engine/flat-weights.js';
import { gatherRows } from '../engine/native-ops.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { visionOption } from '../pictures/vision-option.js';
import { type TextOption, textOption } from '../text/text-option.js';
import type { Batch, BatchOptions, BatchTensors } from './batch.js';
import { addExperts } from './experts/add-experts.js';
import { type ExpertRecord, expertLayer } from './experts/layer.js';
import { checkExperts, type ExpertsOption, namedGroups, paperGroups } from './experts/option.js';
import { initFusion } from './fusion/fuse.js';
import { type FusionOption, fusionOption } from './fusion/option.js';
import { type PooledVectors, pooledVectors } from './pooled-vectors.js';
import type { PoolingOption } from './pooling-option.js';
import { initProjector, projectFeatures } from './projector.js';
import { type PromptGateOption, promptGateOption } from './prompt-gate/option.js';
import { gateByPictures, initPromptGate } from './prompt-gate/prompt-gate.js';
import { initTower, networkShapes, towerOf } from './tower.js';
import { type PictureReader, pixelsPerToken, visualTokens } from './visual-tokens.js';
import { expertGroup, fusionNames, projectorNames, promptGateNames, textProjectorNames } from './weight-names.js';

/** MOON's encoder: a network of any family whose blocks may have experts, pooled to one vector (paper, figures 4 and 5). */
export interface MoonModel<Network extends PublishedConfig = PublishedConfig> extends PictureReader<Network> {
  attention: 'causal' | 'bidirectional';
  /** Default: a vocabulary of its own. */
  text?: TextOption;
  experts: ExpertsOption;
  pooling: PoolingOption;
  /** Default none. */
  fusion?: FusionOption;
  /** Default none. */
  promptGate?: PromptGateOption;
}

/** The options of `buildBatch` for a model. */
export function batchOptions(model: MoonModel): BatchOptions {
  const { network, imageSize, experts } = model;
  const vision = visionOption(model.vision);
  const tower = towerOf(model);
  const side = tower ? imageSize / pixelsPerToken(tower) : vision.kind === 'onnx' ? vision.pool : 0;
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

/**
 * Initialise a new model's weights: the dense network, then experts as copies of the layers that they replace. A frozen encoder's weights stay
 * in their own file.
 * @throws UserError for experts that do not fit the network
 */
export function initMoon(model: MoonModel, stream: RandomStream): Weights {
  checkExperts(model.experts, model.network.text.depth);
  return completeWeights(model, initWeights(model.network, stream.child('network'), networkShapes(model)), stream);
}

/**
 * Add what a model has and its weights lack, a tower of its own, a projector and experts as copies of the layers that they replace, and free
 * these layers.
 */
export function completeWeights(model: MoonModel, weights: Weights, stream: RandomStream): Weights {
  const { network, vision, text, experts } = model;
  const fusion = fusionOption(model.fusion);
  const names = Object.keys(weights);
  const { width, initRange } = network.text;
  if (vision.kind === 'own' && !names.some(isVision)) Object.assign(weights, initTower(model, stream.child('tower')));
  if (vision.kind === 'onnx' && !names.includes(projectorNames.weight)) {
    const own = stream.child('projector');
    const { width: features, connector } = visionOption(vision);
    Object.assign(weights, initProjector(projectorNames, features, width, initRange, own));
    if (connector === 'mlp')
      Object.assign(weights, initProjector(projectorNames.second, width, width, initRange, own.child('second')));
  }
  const words = textOption(text);
  if (words.kind === 'frozen' && !names.includes(textProjectorNames.weight)) {
    const own = stream.child('text projector');
    Object.assign(weights, initProjector(textProjectorNames, words.width, width, initRange, own));
  }
  if (fusion.kind !== 'none' && !names.includes(fusionNames.weight))
    Object.assign(weights, initFusion(fusion, width, initRange, stream.child('fusion')));
  if (promptGateOption(model.promptGate).kind !== 'none' && !names.includes(promptGateNames.query.weight))
    Object.assign(weights, initPromptGate(width, initRange, stream.child('prompt gate')));
  if (names.some((name) => expertGroup(name) !== undefined)) return weights;
  return addExperts(weights, experts, stream.child('experts'));
}

export interface EmbedBatchOptions extends EncodeOptions {
  want?: { attention?: 'last' };
}

export interface Embedded extends PooledVectors {
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
  { want, checkpoint }: EmbedBatchOptions = {},
): Embedded {
  const input = languageInput(model, weights, batch, tensors, { checkpoint });
  const { last, attention, extra } = runLanguage(model.network.text, weights, { ...input, want });
  return {
    ...pooledVectors(model, weights, { last, mask: tensors.mask, read: input.embeddings, isVisual: input.isVisual }),
    hidden: last,
    experts: extra.flatMap(expertRecord),
    attention: attention?.[0],
  };
}

/** What the language model reads of a batch: token embeddings with the features of pictures and of texts among them, positions, experts. */
export function languageInput(
  { network, experts, attention, promptGate, ...model }: MoonModel,
  weights: Weights,
  batch: Pick<Batch, 'groups'>,
  tensors: BatchTensors,
  { checkpoint }: EncodeOptions = {},
): LanguageInput & { isVisual(): tf.Tensor2D } {
  const [sequences, length] = tensors.mask.shape;
  const visual = visualTokens({ network, ...model }, weights, tensors.pictures, { checkpoint });
  const read = tensors.states && projectFeatures(textProjectorNames, weights, tensors.states);
  const features = read && visual ? (tf.concat([visual.features, read]) as tf.Tensor2D) : (read ?? visual?.features);
  const places = featurePlaces(tensors.source, network);
  const shape: [number, number, number] = [sequences, length, network.text.width];
  const words = gatherRows(weights[TOKENS] as tf.Tensor2D, features ? places.words : tensors.source);
  const isVisual = () => visualRows(tensors, network, visual?.features.shape[0] ?? 0);
  const gate = promptGateOption(promptGate);
  const { prompt: isPrompt } = tensors;
  const rows = features ? tf.where(places.isFeature, placed(features, places), words) : words;
  return {
    embeddings: tf.reshape(rows, shape) as tf.Tensor3D,
    isVisual,
    positions: tensors.positions,
    mask: tensors.mask,
    deepstack: visual?.deepstack?.map((each) => tf.reshape(placed(each, places), shape)),
    attention,
    checkpoint,
    // Tokens that are written one by one are no prompt.
    ...(gate.kind === 'attend' &&
      isPrompt &&
      visual && {
        afterBlock: (block: number, states: tf.Tensor3D) =>
          block === gate.after ? gateByPictures(weights, states, { isVisual: isVisual(), isPrompt }) : states,
      }),
    feedForward: (block, x, dense, own) => {
      if (experts.kind === 'none' || !experts.blocks.includes(block)) return dense(x);
      const { output, record } = expertLayer(x, block, own, experts, batch, tensors);
      const { routing, sums, balance } = record;
      return { output, extra: { ...routing, sums, balance } };
    },
  };
}

/** The routing of a block, from what its expert layer gave beside its output; none for a dense one. */
export function expertRecord(
  { probabilities, choices, gates, sums, balance }: Record<string, tf.Tensor>,
  block: number,
): ExpertRecord[] {
  return balance ? [{ block, routing: { probabilities, choices, gates }, sums, balance } as ExpertRecord] : [];
}

/** Where a batch has tokens of pictures or of texts that were read. The table of words is not joined with their features: copying it would take longer than both lookups. */
function featurePlaces(source: tf.Tensor1D, { text: { vocabSize } }: PublishedConfig) {
  const last = tf.scalar(vocabSize - 1, 'int32');
  return {
    /** [rows, 1] */
    isFeature: tf.expandDims(tf.greater(source, last), 1),
    /** [rows] row of the token embedding; any at features */
    words: tf.minimum(source, last) as tf.Tensor1D,
    /** [rows] number of the feature, from 1 on; 0 at words */
    feature: tf.maximum(tf.sub(source, last), tf.scalar(0, 'int32')) as tf.Tensor1D,
  };
}

/** 1 at the visual tokens of a batch [sequences, length]. The features of pictures are the first ones, before those of texts. */
function visualRows(
  { source, mask }: Pick<BatchTensors, 'source' | 'mask'>,
  { text: { vocabSize } }: PublishedConfig,
  count: number,
): tf.Tensor2D {
  const isFeature = tf.greater(source, tf.scalar(vocabSize - 1, 'int32'));
  const ofPictures = tf.less(source, tf.scalar(vocabSize + count, 'int32'));
  return tf.reshape(tf.cast(tf.logicalAnd(isFeature, ofPictures), 'float32'), mask.shape) as tf.Tensor2D;
}

/** Features [count, width] at the rows of their tokens, 0 at all others: [rows, width]. */
function placed(features: tf.Tensor2D, { feature }: ReturnType<typeof featurePlaces>): tf.Tensor2D {
  return gatherRows(tf.concat([tf.zeros([1, features.shape[1]]), features], 0) as tf.Tensor2D, feature);
}
