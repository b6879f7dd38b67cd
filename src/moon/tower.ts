import { familyOf } from '../backbones/families.js';
import type { EncodedImages, EncodeOptions, SizedImages, Tower } from '../backbones/family.js';
import { initWeights } from '../backbones/init-weights.js';
import { isVision } from '../backbones/layers/vision-names.js';
import type { PublishedConfig } from '../backbones/published-config.js';
import { qwen25vl } from '../backbones/qwen25vl/family.js';
import { sizedTower, withoutWindows } from '../backbones/qwen25vl/sizes.js';
import { wrongOption } from '../checks/error.js';
import type { Weights } from '../engine/flat-weights.js';
import type { RandomStream } from '../engine/random.js';
import type * as tf from '../engine/tf.js';
import { type VisionOption, visionOption } from '../pictures/vision-option.js';

/** What decides which tower reads a model's pictures. */
export interface TowerModel<Network extends PublishedConfig = PublishedConfig> {
  network: Network;
  vision: VisionOption;
}

/** A vision tower that is trained with the rest: its sizes, and how it encodes pictures (`StillImages`). */
export interface ModelTower extends Tower {
  encode(weights: Weights, pixels: tf.Tensor4D, options?: EncodeOptions): EncodedImages;
  /** Undefined for a tower that takes squares alone. */
  encodeSized?(weights: Weights, images: SizedImages, options?: EncodeOptions): EncodedImages;
}

/**
 * The tower of a model: that of its network, or one of its own; undefined where a frozen encoder reads pictures, or nothing does.
 * @throws UserError for a network without a vision tower
 */
export function towerOf(model: TowerModel): ModelTower | undefined {
  const { kind } = model.vision;
  if (kind !== 'qwen' && kind !== 'own') return undefined;
  const network = towerNetwork(model);
  const { still, name } = familyOf(network);
  if (!still)
    throw wrongOption(
      'vision.kind',
      'qwen',
      `'own', 'onnx' or 'none'`,
      `A ${name} network has no vision tower of its own.`,
    );
  const { encodeSized } = still;
  return {
    ...still.tower(network),
    encode: (...given) => still.encode(network, ...given),
    ...(encodeSized && { encodeSized: (...given) => encodeSized(network, ...given) }),
  };
}

/** The network that the tower belongs to. A tower of the model's own is that of a Qwen2.5-VL with the model's decoder width. */
function towerNetwork({ network, vision }: TowerModel): PublishedConfig {
  if (vision.kind !== 'own') return network;
  const { size, depth, stem } = visionOption(vision);
  const tower = { ...withoutWindows(sizedTower(size, stem), depth), outWidth: network.text.width };
  return { ...network, family: qwen25vl.modelTypes[0], vision: tower };
}

/** The same model with the first blocks of its tower alone. */
export function withTowerDepth<Model extends TowerModel>(model: Model, depth: number): Model {
  const { network, vision } = model;
  if (vision.kind === 'own') return { ...model, vision: { ...vision, depth } };
  return { ...model, network: familyOf(network).still!.withDepth(network, depth) };
}

/** Name and shape of every weight that a model has from its network: all, or all but those of a tower that it does not use. */
export function networkShapes({ network, vision }: TowerModel): Record<string, number[]> {
  const shapes = Object.entries(familyOf(network).weightShapes(network));
  return Object.fromEntries(shapes.filter(([name]) => vision.kind === 'qwen' || !isVision(name)));
}

/** Initialise the tower of a model's own and its merger, as a new network's. */
export function initTower(model: TowerModel, stream: RandomStream): Weights {
  const network = towerNetwork(model);
  const shapes = Object.entries(familyOf(network).weightShapes(network)).filter(([name]) => isVision(name));
  return initWeights(network, stream, Object.fromEntries(shapes));
}
