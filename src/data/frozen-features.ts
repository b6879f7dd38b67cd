import { existsSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { UserError } from '../engine/check.js';

const SIDE = 224;
const MEAN = 0.498039;
const STD = 0.501961;
const BATCH = 16;

/**
 * Features of a frozen EfficientNet-lite0 (ImageNet; ONNX with `pixel_values` [batch, 3, 224, 224] and `last_hidden_state`
 * [batch, 49, 1280]): the mean over the 49 positions, scaled to length 1, one row of 1,280 an image.
 * `model` is the folder of model.onnx. Needs the optional package onnxruntime-node; nothing of moon-lab's own model uses this.
 */
export async function frozenFeatures(model: string, files: readonly string[]): Promise<Float32Array[]> {
  const path = join(model, 'model.onnx');
  if (!existsSync(path))
    throw new UserError(`frozen features: no model.onnx in '${model}'; give the folder of EfficientNet-lite0.`);
  const onnx = await import('onnxruntime-node').catch(() => {
    throw new UserError(
      'frozen features: the package onnxruntime-node is not installed; run `npm install` with development packages.',
    );
  });
  const session = await onnx.InferenceSession.create(path);
  const rows: Float32Array[] = [];
  for (let start = 0; start < files.length; start += BATCH) {
    const batch = files.slice(start, start + BATCH);
    const pixels = new Float32Array(batch.length * 3 * SIDE * SIDE);
    const planes = await Promise.all(batch.map(readPlanes));
    for (const [i, image] of planes.entries()) pixels.set(image, i * 3 * SIDE * SIDE);
    const input = new onnx.Tensor('float32', pixels, [batch.length, 3, SIDE, SIDE]);
    const { last_hidden_state: hidden } = await session.run({ pixel_values: input });
    rows.push(...unitMeans(hidden.data as Float32Array, hidden.dims));
  }
  await session.release();
  return rows;
}

/** One image as the network wants it: 224 x 224 whatever its shape (bicubic), channels first, normalized. */
async function readPlanes(file: string): Promise<Float32Array> {
  const bytes = await sharp(file)
    .autoOrient()
    .removeAlpha()
    .toColourspace('srgb')
    .resize(SIDE, SIDE, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
  const planes = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    planes[(i % 3) * SIDE * SIDE + Math.floor(i / 3)] = (bytes[i] / 255 - MEAN) / STD;
  }
  return planes;
}

/** [batch, positions, width] -> batch rows of length 1. */
function unitMeans(hidden: Float32Array, [batch, positions, width]: readonly number[]): Float32Array[] {
  return Array.from({ length: batch }, (_, item) => {
    const row = new Float32Array(width);
    for (let at = 0; at < positions * width; at++) row[at % width] += hidden[item * positions * width + at];
    const norm = Math.hypot(...row);
    return row.map((value) => value / norm);
  });
}
