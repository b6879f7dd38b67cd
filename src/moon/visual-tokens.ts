import type { EncodedImages, EncodeOptions, Tower } from '../backbones/family.js';
import { type Normalisation, normalisePixels } from '../backbones/layers/normalisation.js';
import type { PublishedConfig } from '../backbones/published-config.js';
import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';
import type { ImageGrid } from '../pictures/patch-places.js';
import type { Size } from '../pictures/picture-store.js';
import { cutPatches, cutPictures, type PictureInput } from '../pictures/stored-pictures.js';
import { isDynamic } from '../pictures/vision-option.js';
import { dynamicGrid } from './dynamic-grid.js';
import { projectFeatures } from './projector.js';
import { type TowerModel, towerOf } from './tower.js';
import { projectorNames } from './weight-names.js';

/** What decides how a model reads pictures. */
export interface PictureReader<Network extends PublishedConfig = PublishedConfig> extends TowerModel<Network> {
  /** Of the pixels that the vision tower reads. */
  normalisation: Normalisation;
  /** Side of every input picture, in pixels; of a square of the largest one where pictures keep their shapes. */
  imageSize: number;
}

/** Side of the square of pixels that becomes one visual token of a tower. */
export const pixelsPerToken = ({ patchSize, mergeSize }: Pick<Tower, 'patchSize' | 'mergeSize'>): number =>
  patchSize * mergeSize;

/** The visual tokens of a picture by its size in pixels; undefined for a model whose pictures all have the same. */
export function gridBySize(model: PictureReader): ((size: Size) => ImageGrid) | undefined {
  const tower = isDynamic(model.vision) ? towerOf(model) : undefined;
  return tower && ((size) => dynamicGrid(size, tower, model.imageSize));
}

/** Visual tokens of all pictures [images * tokens, width]; undefined without pictures. */
export function visualTokens(
  model: PictureReader,
  weights: Weights,
  pictures: PictureInput,
  options: EncodeOptions,
): EncodedImages | undefined {
  const { vision, imageSize, normalisation } = model;
  if (vision.kind === 'none') return undefined;
  const tower = towerOf(model);
  if ('grids' in pictures && pictures.grids) {
    const { patchSize, mergeSize } = tower!;
    const { grids } = pictures;
    const cut = cutPatches({ ...pictures, grids }, { patchSize, mergeSize }, (imageSize / patchSize) ** 2);
    const [count, patches] = cut.shape;
    const rows = tf.reshape(cut, [count, patches * patchSize, patchSize, 3]) as tf.Tensor4D;
    const flat = tf.reshape(normalisePixels(rows, normalisation), [count, patches, patchSize * patchSize * 3]);
    return tower!.encodeSized!(weights, { patches: flat as tf.Tensor3D, grids }, options);
  }
  const input = 'images' in pictures ? cutPictures(pictures, imageSize) : pictures;
  if (!input.shape[0]) return undefined;
  if (!tower) return { features: projectFeatures(projectorNames, weights, input) };
  return tower.encode(weights, normalisePixels(input as tf.Tensor4D, normalisation), options);
}
