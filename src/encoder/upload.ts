import { UserError } from '../checks/error.js';
import { type Batch, type BatchTensors, uploadBatch } from '../moon/batch.js';
import type { MoonModel } from '../moon/model.js';
import { pixelsPerToken } from '../moon/visual-tokens.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Variations } from '../pictures/variation.js';

/**
 * Upload a batch to the engine, with the images that `inputOf` provides.
 * @throws UserError if the images were prepared for another image size
 */
export function uploadPictured(
  batch: Batch,
  { network, imageSize, vision }: Pick<MoonModel, 'network' | 'imageSize' | 'vision'>,
  pixels: Pixels,
  vary?: Variations,
): BatchTensors {
  if (vision.kind === 'qwen' && batch.images.length && pixels.size !== imageSize)
    throw new UserError(
      `pixels: got images of ${pixels.size} px, expected ${imageSize}, the image size of the model. Prepare them with its config.`,
    );
  const shapes = batch.grids && { grids: batch.grids, step: pixelsPerToken(network) };
  return uploadBatch(batch, pixels.inputOf(batch.images, { vary, count: batch.pictures, shapes }));
}
