import { statSync } from 'node:fs';
import { join } from 'node:path';
import { wrongOption } from '../checks/error.js';
import { type Detector, plausibleRegion } from '../data/region.js';
import type { ImageSource, Raster } from '../data/types.js';
import { openOnnx } from '../engine/onnx.js';
import { folderOfModel } from '../models/get-model.js';
import { decodeImage } from '../pictures/image.js';
import { hashFiles } from '../store/content-hash.js';
import { identityOf } from './identity.js';
import { massBox } from './mass-box.js';
import { regionOption, type SegmentationOption } from './options.js';

/** A network that finds the pixels of the salient object, such as U2Netp. */
export interface Segmenter {
  /**
   * How much each pixel of an image belongs to the object: [side, side] from 0 to 1, the image stretched to the network's square.
   * @throws ImageError for an image that cannot be read
   */
  maskOf(source: ImageSource): Promise<Mask>;
  /** SHA-256 of its file. */
  weights: string;
  dispose(): void;
}

export interface Mask {
  side: number;
  /** Row by row. */
  values: Float32Array;
}

/** Of ImageNet, as in U2Net's own code, which also divides each image by its brightest value. */
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];

/** Side where the file leaves it open. */
const SIDE = 320;

/**
 * Open a segmentation network as ONNX: [1, 3, side, side] -> a first output of [1, 1, side, side].
 * @param model the file, a folder with one, or the name of a downloaded network such as `u2netp`
 * @throws UserError for a file that is missing or not such a network
 */
export async function openSegmenter(model: string): Promise<Segmenter> {
  const file = onnxFile(folderOfModel(model));
  const { input, outputs, run, dispose } = await openOnnx(file, 'a segmentation network as ONNX');
  const [name, shape] = Object.entries(outputs)[0] ?? [];
  const side = input.shape[2] || SIDE;
  if (!name || shape?.length !== 4 || input.shape.length !== 4 || input.type !== 'float32') {
    dispose();
    throw wrongOption(
      `${file}: its first output`,
      shape,
      '[1, 1, side, side] of an input [1, 3, side, side] of float32',
    );
  }
  return {
    weights: await hashFiles([file]),
    async maskOf(source) {
      const raster = await decodeImage(source, { width: side, height: side, fit: 'stretch' });
      const { [name]: mask } = await run(planesOf(raster), [1, 3, side, side], [name]);
      return { side, values: stretched(mask.data as Float32Array) };
    },
    dispose,
  };
}

/** The region around the segmented object. Pixels above `threshold` are the object; the box leaves out a few outliers. */
export async function segmentationDetector(given: SegmentationOption): Promise<Detector> {
  const { kind, model, threshold } = regionOption(given);
  const { maskOf, weights, dispose } = await openSegmenter(model);
  return {
    async detect({ source }) {
      const { side, values } = await maskOf(source);
      return [plausibleRegion(kind, massBox(values, side, threshold))];
    },
    identity: identityOf(kind, { threshold }, weights),
    dispose,
  };
}

/** An object alone: its image over a plain colour, mixed by the mask. @param colour red, green and blue, 0 to 255 */
export function cutOut({ width, height, data }: Raster, { side, values }: Mask, colour = [255, 255, 255]): Raster {
  const out = new Uint8Array(data.length);
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const own = values[Math.floor(((y + 0.5) * side) / height) * side + Math.floor(((x + 0.5) * side) / width)];
    for (let channel = 0; channel < 3; channel++)
      out[3 * at + channel] = Math.round(own * data[3 * at + channel] + (1 - own) * colour[channel]);
  }
  return { width, height, data: out };
}

function onnxFile(path: string): string {
  if (!statSync(path).isDirectory()) return path;
  const [name] = ['u2netp.onnx', 'model.onnx'].filter((each) => statSync(join(path, each), { throwIfNoEntry: false }));
  if (!name) throw wrongOption('region.model', path, 'an *.onnx file, or a folder with model.onnx');
  return join(path, name);
}

function planesOf({ data }: Raster): Float32Array {
  const plane = data.length / 3;
  const brightest = data.reduce((most, value) => Math.max(most, value), 1);
  const planes = new Float32Array(data.length);
  for (let at = 0; at < plane; at++)
    for (let channel = 0; channel < 3; channel++)
      planes[channel * plane + at] = (data[3 * at + channel] / brightest - MEAN[channel]) / STD[channel];
  return planes;
}

/** Values from their least to their largest -> 0 to 1; all 0 where all are equal. */
function stretched(values: Float32Array): Float32Array {
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const range = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) - least;
  return range > 0 ? values.map((value) => (value - least) / range) : new Float32Array(values.length);
}
