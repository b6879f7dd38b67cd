import { UserError } from '../checks/error.js';
import { type Batch, type BatchTensors, uploadBatch } from '../moon/batch.js';
import type { MoonModel } from '../moon/model.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Variations } from '../pictures/variation.js';

/**
 * Upload a batch to the engine, with the images that `inputOf` provides.
 * @throws UserError if the images were prepared for another image size
 */
export function uploadPictured(
  batch: Batch,
  { imageSize, vision }: Pick<MoonModel, 'imageSize' | 'vision'>,
  pixels: Pixels,
  vary?: Variations,
): BatchTensors {
  if (vision.kind === 'qwen' && batch.images.length && pixels.size !== imageSize)
    throw new UserError(
      `pixels: got images of ${pixels.size} px, expected ${imageSize}, the image size of the model. Prepare them with its config.`,
    );
  return uploadBatch(batch, pixels.inputOf(batch.images, { vary, count: batch.pictures }));
}
