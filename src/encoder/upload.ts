import { UserError } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import { type Batch, type BatchTensors, uploadBatch } from '../moon/batch.js';
import type { FrozenText } from '../moon/frozen-text.js';
import type { MoonModel } from '../moon/model.js';
import { promptGateOption } from '../moon/prompt-gate/option.js';
import { promptMask } from '../moon/prompt-gate/prompt-gate.js';
import { towerOf } from '../moon/tower.js';
import { pixelsPerToken } from '../moon/visual-tokens.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Variations } from '../pictures/variation.js';
import { frozenTextOf } from './frozen-text.js';

/**
 * Upload a batch to the engine, with the images that `inputOf` provides.
 * @throws UserError if the images were prepared for another image size
 */
export function uploadPictured(
  batch: Batch,
  model: Pick<MoonModel, 'network' | 'imageSize' | 'vision' | 'text' | 'promptGate'>,
  pixels: Pixels,
  vary?: Variations,
): BatchTensors {
  const { imageSize, text, promptGate } = model;
  const tower = towerOf(model);
  if (tower && batch.images.length && pixels.size !== imageSize)
    throw new UserError(
      `pixels: got images of ${pixels.size} px, expected ${imageSize}, the image size of the model. Prepare them with its config.`,
    );
  const shapes = tower && batch.grids && { grids: batch.grids, step: pixelsPerToken(tower) };
  const pictures = pixels.inputOf(batch.images, { vary, count: batch.pictures, shapes });
  const tensors = uploadBatch(batch, pictures, statesOf(batch, frozenTextOf(text)));
  return promptGateOption(promptGate).kind === 'none' ? tensors : { ...tensors, prompt: promptMask(batch) };
}

/** Token states of the texts of a batch, padded with zeros. */
function statesOf({ texts, states: count }: Batch, encoder: FrozenText | undefined): tf.Tensor2D | undefined {
  if (!encoder) return undefined;
  const values = new Float32Array(count * encoder.width);
  let at = 0;
  for (const text of texts) {
    const { tokens } = encoder.read(text);
    values.set(tokens, at);
    at += tokens.length;
  }
  return tf.tensor2d(values, [count, encoder.width]);
}
