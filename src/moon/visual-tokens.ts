import { familyOf } from '../backbones/families.js';
import type { EncodedImages, EncodeOptions, StillImages } from '../backbones/family.js';
import { type Normalisation, normalisePixels } from '../backbones/layers/normalisation.js';
import type { PublishedConfig } from '../backbones/published-config.js';
import { wrongOption } from '../checks/error.js';
import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';
import type { ImageGrid } from '../pictures/patch-places.js';
import type { Size } from '../pictures/picture-store.js';
import { cutPatches, cutPictures, type PictureInput } from '../pictures/stored-pictures.js';
import { isDynamic, type VisionOption } from '../pictures/vision-option.js';
import { dynamicGrid } from './dynamic-grid.js';
import { projectFeatures } from './projector.js';
import { projectorNames } from './weight-names.js';

/** What decides how a model reads pictures. */
export interface PictureReader<Network extends PublishedConfig = PublishedConfig> {
  network: Network;
  /** Of the pixels that the network's own vision tower reads. */
  normalisation: Normalisation;
  /** Side of every input picture, in pixels; of a square of the largest one where pictures keep their shapes. */
  imageSize: number;
  vision: VisionOption;
}

/** How the network's family encodes pictures. @throws UserError for a network without a vision tower */
export function towerOf(network: PublishedConfig): StillImages {
  const { still, name } = familyOf(network);
  if (!still)
    throw wrongOption('vision.kind', 'qwen', `'onnx' or 'none'`, `A ${name} network has no vision tower of its own.`);
  return still;
}

/** Side of the square of pixels that becomes one visual token. */
export function pixelsPerToken(network: PublishedConfig): number {
  const { patchSize, mergeSize } = towerOf(network).tower(network);
  return patchSize * mergeSize;
}

/** The visual tokens of a picture by its size in pixels; undefined for a model whose pictures all have the same. */
export function gridBySize({ network, imageSize, vision }: PictureReader): ((size: Size) => ImageGrid) | undefined {
  if (!isDynamic(vision)) return undefined;
  const tower = towerOf(network).tower(network);
  return (size) => dynamicGrid(size, tower, imageSize);
}

/** Visual tokens of all pictures [images * tokens, width]; undefined without pictures. */
export function visualTokens(
  { network, vision, imageSize, normalisation }: PictureReader,
  weights: Weights,
  pictures: PictureInput,
  options: EncodeOptions,
): EncodedImages | undefined {
  if (vision.kind === 'none') return undefined;
  const tower = vision.kind === 'onnx' ? undefined : towerOf(network);
  if ('grids' in pictures && pictures.grids) {
    const { patchSize, mergeSize } = tower!.tower(network);
    const { grids } = pictures;
    const cut = cutPatches({ ...pictures, grids }, { patchSize, mergeSize }, (imageSize / patchSize) ** 2);
    const [count, patches] = cut.shape;
    const rows = tf.reshape(cut, [count, patches * patchSize, patchSize, 3]) as tf.Tensor4D;
    const flat = tf.reshape(normalisePixels(rows, normalisation), [count, patches, patchSize * patchSize * 3]);
    return tower!.encodeSized!(network, weights, { patches: flat as tf.Tensor3D, grids }, options);
  }
  const input = 'images' in pictures ? cutPictures(pictures, imageSize) : pictures;
  if (!input.shape[0]) return undefined;
  if (!tower) return { features: projectFeatures(projectorNames, weights, input) };
  return tower.encode(network, weights, normalisePixels(input as tf.Tensor4D, normalisation), options);
}
