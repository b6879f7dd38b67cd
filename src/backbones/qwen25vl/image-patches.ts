import { wrongOption } from '../../checks/error.js';
import type { Raster } from '../../data/types.js';
import { resizeImage } from '../layers/resize.js';
import type { Grid } from './config.js';
import type { ImageProcessor } from './image-processor.js';

/** One preprocessed image. */
interface ProcessedImage {
  grid: Grid;
  /** Size after resizing, in pixels. Bounding boxes in the model's answers refer to this size. */
  width: number;
  height: number;
}

export interface ImagePatches extends ProcessedImage {
  kind: 'patches';
  /** [patches, channels * temporalPatchSize * patchSize * patchSize]; the patches of one token are adjacent. */
  patches: Float32Array;
}

/** A normalised image for the convolutional stem. */
export interface ImagePixels extends ProcessedImage {
  kind: 'pixels';
  /** [height, width, channels] */
  pixels: Float32Array;
}

/**
 * Target size of an image: multiples of patchSize * mergeSize, close to its original size and aspect ratio, within the pixel limits.
 * @throws UserError when one side is more than 200 times the other
 */
export function smartResize(
  width: number,
  height: number,
  processor: Pick<ImageProcessor, 'patchSize' | 'mergeSize' | 'minPixels' | 'maxPixels'>,
): { width: number; height: number } {
  const { minPixels, maxPixels } = processor;
  const factor = processor.patchSize * processor.mergeSize;
  if (!(Math.min(width, height) >= 1) || Math.max(width, height) > 200 * Math.min(width, height)) {
    throw wrongOption('image size', `${width} x ${height}`, 'no side more than 200 times the other', 'Crop the image.');
  }
  const nearest = { width: roundHalfEven(width / factor) * factor, height: roundHalfEven(height / factor) * factor };
  const pixels = nearest.width * nearest.height;
  if (pixels > maxPixels) {
    const shrink = Math.sqrt((width * height) / maxPixels);
    const down = (side: number) => Math.max(factor, Math.floor(side / shrink / factor) * factor);
    return { width: down(width), height: down(height) };
  }
  if (pixels < minPixels) {
    const grow = Math.sqrt(minPixels / (width * height));
    const up = (side: number) => Math.ceil((side * grow) / factor) * factor;
    return { width: up(width), height: up(height) };
  }
  return nearest;
}

/** Python's `round`: a tie goes to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor === 0.5) return floor + (floor % 2);
  return Math.round(value);
}

/**
 * Resize and normalise one image, exactly as the published image processor does with Pillow.
 * @throws UserError when the data are not RGB bytes of the given size, or the image is too long and thin
 */
export function normaliseImage(image: Raster, processor: ImageProcessor): ImagePixels {
  if (image.data.length !== image.width * image.height * 3) {
    const expected = `${image.width} x ${image.height} x 3 bytes of RGB`;
    throw wrongOption('image.data.length', image.data.length, expected, 'Drop the alpha channel or fix the size.');
  }
  const { width, height } = smartResize(image.width, image.height, processor);
  const { data } = resizeImage(image, width, height);
  const levels = greyLevels(processor);
  const pixels = Float32Array.from(data, (level, at) => levels[at % 3][level]);
  const grid = { t: 1, h: height / processor.patchSize, w: width / processor.patchSize };
  return { kind: 'pixels', pixels, grid, width, height };
}

/** Per channel, the normalised value of each of the 256 grey levels. Rounded to float32 at every step, like the published code. */
function greyLevels({ rescale, mean, std }: ImageProcessor): Float32Array[] {
  return mean.map((middle, channel) =>
    Float32Array.from({ length: 256 }, (_, level) =>
      Math.fround(Math.fround(Math.fround(level * rescale) - Math.fround(middle)) / Math.fround(std[channel])),
    ),
  );
}

/**
 * Resize, normalise and flatten one image into Qwen's patches: `pixel_values` of the published image processor.
 * @throws UserError as `normaliseImage`
 */
export function processImage(image: Raster, processor: ImageProcessor): ImagePatches {
  const { pixels, grid, width, height } = normaliseImage(image, processor);
  const { patchSize: side, temporalPatchSize: frames, mergeSize: merge } = processor;
  const patches = new Float32Array(pixels.length * frames);
  let at = 0;
  // Tokens row by row; in each token its merge x merge patches; in each patch: channel, frame, row, column.
  for (let top = 0; top < grid.h; top += merge) {
    for (let left = 0; left < grid.w; left += merge) {
      for (let patch = 0; patch < merge ** 2; patch++) {
        const first = { x: (left + (patch % merge)) * side, y: (top + Math.floor(patch / merge)) * side };
        for (let channel = 0; channel < 3; channel++) {
          const start = at;
          for (let y = first.y; y < first.y + side; y++) {
            for (let x = first.x; x < first.x + side; x++) patches[at++] = pixels[(y * width + x) * 3 + channel];
          }
          for (let frame = 1; frame < frames; frame++, at += side * side)
            patches.copyWithin(at, start, start + side * side);
        }
      }
    }
  }
  return { kind: 'patches', patches, grid, width, height };
}
