import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError, wrongOption } from '../../checks/error.js';
import { type OnnxNetwork, openOnnx } from '../../engine/onnx.js';
import * as tf from '../../engine/tf.js';
import { hashFiles, valueHash } from '../../store/content-hash.js';
import { downloadedOr } from '../../store/downloaded.js';
import { readJsonFile } from '../../store/json-file.js';
import { efficientNetLiteFile, isEfficientNetLite, openEfficientNetLite } from './efficientnet-lite.js';
import { readPreprocessing } from './preprocessing.js';

/** A frozen image encoder. */
export interface FrozenEncoder {
  /** Side of the square input, in pixels. */
  side: number;
  /** Positions along each side of the feature grid, and numbers per position. */
  grid: number;
  width: number;
  /** Identifies weights and preprocessing. Equal pixels under the same identity have equal features. */
  identity: string;
  /** Pixels [count, side, side, 3] from 0 to 1 -> features [count, grid * grid, width], row by row. */
  encode(pixels: Float32Array, count: number): Promise<Float32Array>;
  dispose(): void;
}

/** Version of the computation between pixels and features. Changing it invalidates all cached features. */
const VERSION = 1;

/** Side in pixels if neither the file nor its preprocessor config gives one. */
const DEFAULT_SIDE = 224;

/**
 * Open an image encoder: a folder of EfficientNet-lite (`npx moon-lab model get efficientnet-lite0`), or an ONNX file: `pixel_values` [batch, 3, side, side] -> hidden states [batch, positions, width] (its first output with three
 * axes). The positions form a square, optionally after one class token, which is dropped. Size and normalisation come from
 * `preprocessor_config.json` beside the file, or else are those of ImageNet.
 * @param model the file, a folder that contains `model.onnx` or EfficientNet-lite, or the name of a downloaded one
 * @throws UserError for files that are missing or not such an encoder
 */
export async function openFrozenEncoder(model: string): Promise<FrozenEncoder> {
  const path = downloadedOr(model);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  const config = join(path, 'config.json');
  if (isFolder && existsSync(config) && isEfficientNetLite(readJsonFile(config, 'download the network again')))
    return describeEfficientNet(path);
  const file = isFolder ? join(path, 'model.onnx') : path;
  const network = await openOnnx(file, 'an image encoder as ONNX');
  try {
    return await describeEncoder(file, network);
  } catch (error) {
    network.dispose();
    throw error;
  }
}

async function describeEfficientNet(folder: string): Promise<FrozenEncoder> {
  const { mean, std, side = DEFAULT_SIDE } = readPreprocessing(folder);
  const { run, dispose } = openEfficientNetLite(folder);
  async function encode(pixels: Float32Array, count: number): Promise<tf.Tensor4D> {
    return tf.tidy(() => run(tf.div(tf.sub(tf.tensor4d(pixels, [count, side, side, 3]), [...mean]), [...std])));
  }
  const first = await encode(new Float32Array(side * side * 3), 1);
  const [, grid, , width] = first.shape;
  first.dispose();
  return {
    side,
    grid,
    width,
    identity: valueHash([VERSION, await hashFiles([efficientNetLiteFile(folder)]), side, mean, std]).slice(0, 16),
    async encode(pixels, count) {
      const features = await encode(pixels, count);
      const values = (await features.data()) as Float32Array;
      features.dispose();
      return values;
    },
    dispose,
  };
}

async function describeEncoder(file: string, network: OnnxNetwork): Promise<FrozenEncoder> {
  const { mean, std, side: given, sideFrom } = readPreprocessing(dirname(file));
  const { shape, type } = network.input;
  if (shape.length !== 4 || shape[0] !== 0 || ![0, 3].includes(shape[1]) || type !== 'float32')
    throw new UserError(
      `${file}: its input is ${type} [${shape}] (0 = dynamic), expected float32 [0, 3, side, side]; export it with a dynamic batch size.`,
    );
  const side = shape[2] || given || DEFAULT_SIDE;
  if (given && given !== side) throw wrongOption(sideFrom!, given, `${side}, the side of the input of ${file}`);
  const [output] = Object.entries(network.outputs).find(([, sizes]) => sizes.length === 3) ?? [];
  if (!output)
    throw wrongOption(`${file}: its outputs`, network.outputs, 'hidden states [batch, positions, width] among them');

  async function run(pixels: Float32Array, count: number) {
    const planes = toPlanes(pixels, count, side, mean, std);
    const { [output!]: hidden } = await network.run(planes, [count, 3, side, side], [output!]);
    return { values: hidden.data as Float32Array, positions: hidden.dims[1], width: hidden.dims[2] };
  }

  const { positions, width } = await run(new Float32Array(side * side * 3), 1);
  const grid = Math.floor(Math.sqrt(positions));
  const skipped = positions - grid * grid;
  if (skipped > 1)
    throw new UserError(
      `${file}: it has ${positions} positions, expected a square number, or one more for a class token.`,
    );
  return {
    side,
    grid,
    width,
    identity: valueHash([VERSION, await hashFiles([file]), side, mean, std]).slice(0, 16),
    async encode(pixels, count) {
      const { values } = await run(pixels, count);
      if (!skipped) return values;
      const features = new Float32Array(count * grid * grid * width);
      for (let item = 0; item < count; item++) {
        const own = values.subarray((item * positions + skipped) * width, (item + 1) * positions * width);
        features.set(own, item * grid * grid * width);
      }
      return features;
    },
    dispose: network.dispose,
  };
}

/** [count, side, side, 3] from 0 to 1 -> [count, 3, side, side], normalised. */
function toPlanes(
  pixels: Float32Array,
  count: number,
  side: number,
  mean: readonly number[],
  std: readonly number[],
): Float32Array {
  const plane = side * side;
  const planes = new Float32Array(count * plane * 3);
  for (let item = 0, from = 0; item < count; item++)
    for (let at = 0; at < plane; at++)
      for (let channel = 0; channel < 3; channel++, from++)
        planes[(item * 3 + channel) * plane + at] = (pixels[from] - mean[channel]) / std[channel];
  return planes;
}
