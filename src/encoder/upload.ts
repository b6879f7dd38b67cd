import { UserError } from '../checks/error.js';
import { type Batch, type BatchTensors, uploadBatch } from '../moon/batch.js';
import type { MoonModel } from '../moon/model.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Variations } from '../pictures/variation.js';

/**
 * A batch on the engine, with its pictures as `inputOf` gives them.
 * @throws UserError for pixels that were prepared for a network of another side
 */
export function uploadPictured(
  batch: Batch,
  { imageSize, vision }: Pick<MoonModel, 'imageSize' | 'vision'>,
  pixels: Pixels,
  vary?: Variations,
): BatchTensors {
  if (vision.kind === 'qwen' && batch.images.length && pixels.size !== imageSize)
    throw new UserError(
      `pixels: got pictures of ${pixels.size} px, expected ${imageSize}, the side that the network sees. Prepare them with its config.`,
    );
  return uploadBatch(batch, pixels.inputOf(batch.images, { vary, count: batch.pictures }));
}
