import sharp, { type Sharp } from 'sharp';
import { UserError, wrongOption } from '../checks/error.js';
import { ImageError, readImageFile } from '../data/images/image-file.js';
import { inParallel } from '../data/in-parallel.js';
import type { Box, ImageSource, Raster } from '../data/types.js';
import * as tf from '../engine/tf.js';

/** Largest width x height of one frame. Larger images are rejected by their header, before decoding. */
export const MAX_PIXELS = 100_000_000;

const WHITE = { r: 255, g: 255, b: 255 };
const FIT = { stretch: 'fill', cover: 'cover', contain: 'contain' } as const;

export interface DecodeOptions {
  /** Size of the result, in pixels. */
  width: number;
  height: number;
  /** `stretch` ignores the aspect ratio, `cover` crops to the centre, `contain` adds white margins. */
  fit: 'stretch' | 'cover' | 'contain';
  /** Crop this part of the upright original first; `cropPixels` defines the rounding. */
  crop?: Box;
}

/**
 * Decode one image to `[height, width, 3]` bytes of sRGB. It is rotated by its EXIF orientation and composited over white; greyscale, CMYK
 * and 16-bit images are converted; only the first frame of an animation is read. Reduces with a Lanczos filter and enlarges with a bicubic
 * one, which in libvips is shifted by half a target pixel to the right and down compared with Pillow.
 *
 * @throws ImageError for a file that is missing, empty, truncated, too large or not an image
 * @throws UserError for a size or a crop that is not valid
 */
export async function decodeImage(source: ImageSource, options: DecodeOptions): Promise<Raster> {
  const { width, height, fit, crop } = options;
  if (!(Number.isInteger(width) && width > 0 && Number.isInteger(height) && height > 0)) {
    throw wrongOption('width, height', [width, height], 'integers above 0');
  }
  return readImage(source, async (image) => {
    image.autoOrient();
    if (crop) {
      const { autoOrient: upright } = await image.metadata();
      image.extract(cropPixels(crop, upright.width, upright.height));
    }
    const { data, info } = await image
      .resize(width, height, { fit: FIT[fit], background: WHITE })
      .flatten({ background: WHITE })
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`${info.channels} channels, not a picture`);
    return { width, height, data };
  });
}

/**
 * Width and height in pixels after EXIF rotation, read from the header only.
 * @throws ImageError as `decodeImage`
 */
export async function imageSize(source: ImageSource): Promise<{ width: number; height: number }> {
  return readImage(source, async (image) => {
    const { width, height } = (await image.metadata()).autoOrient;
    return { width, height };
  });
}

/**
 * The pixels of a box. Every edge is rounded to the nearest pixel border, and at least one pixel is kept. So [0.25, 0.75] of 10 pixels is 3
 * to 8, boxes that share an edge share no pixel, and the full box is the full image.
 * @throws UserError for a box without area
 */
export function cropPixels(box: Box, width: number, height: number) {
  if (!(box.x1 < box.x2 && box.y1 < box.y2))
    throw wrongOption('crop', box, 'x1 < x2 and y1 < y2, in fractions from 0 to 1');
  const [left, columns] = span(box.x1, box.x2, width);
  const [top, rows] = span(box.y1, box.y2, height);
  return { left, top, width: columns, height: rows };
}

function span(from: number, to: number, size: number): [start: number, length: number] {
  const start = Math.min(Math.max(Math.round(from * size), 0), size - 1);
  const end = Math.min(Math.max(Math.round(to * size), start + 1), size);
  return [start, end - start];
}

export interface BatchOptions {
  /**
   * Number of images processed at once. Default 8, so that one file is read while another is decoded. Decoding itself runs on libuv's
   * thread pool: four threads, unless UV_THREADPOOL_SIZE is set when the process starts.
   */
  concurrency?: number;
  /** Called with the index of each image that failed, and the reason. */
  onIssue: (index: number, issue: ImageError) => void;
}

/** Decode many images, in order. An image that fails is reported and becomes `null`; the others are decoded. */
export function decodeImages(
  sources: readonly ImageSource[],
  options: DecodeOptions & BatchOptions,
): Promise<(Raster | null)[]> {
  return decodeEach(sources, (source) => decodeImage(source, options), options);
}

/** Call `decode` for every item, a limited number at a time, and keep the order. An ImageError is reported and becomes `null`. */
export async function decodeEach<T>(
  items: readonly T[],
  decode: (item: T) => Promise<Raster>,
  { concurrency = 8, onIssue }: BatchOptions,
): Promise<(Raster | null)[]> {
  const rasters: (Raster | null)[] = Array(items.length).fill(null);
  await inParallel(items, concurrency, async (item, index) => {
    try {
      rasters[index] = await decode(item);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      onIssue(index, error);
    }
  });
  return rasters;
}

const UNIT = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/**
 * Convert rasters of one size to a tensor `[n, height, width, 3]`, float32 from 0 to 1. The caller frees it.
 * @throws UserError for no rasters, or rasters of different sizes
 */
export function rastersToTensor(rasters: readonly Raster[]): tf.Tensor4D {
  if (rasters.length === 0) throw new UserError('rastersToTensor: got no images; give at least one.');
  const { width, height } = rasters[0];
  const pixels = width * height * 3;
  const batch = new Float32Array(rasters.length * pixels); // allocated each time, because the tensor may keep this memory
  rasters.forEach((raster, index) => {
    if (raster.width !== width || raster.height !== height) {
      const sizes = `image ${index} is ${raster.width} x ${raster.height}, the first ${width} x ${height}`;
      throw new UserError(`rastersToTensor: ${sizes}; decode them to one size.`);
    }
    const { data } = raster;
    for (let i = 0, to = index * pixels; i < pixels; i++, to++) batch[to] = UNIT[data[i]];
  });
  return tf.tensor4d(batch, [rasters.length, height, width, 3]);
}

async function readImage<T>(source: ImageSource, read: (image: Sharp) => Promise<T>): Promise<T> {
  if (source.kind === 'drawn') {
    const { data, width, height } = source.draw();
    return read(sharp(data, { raw: { width, height, channels: 3 } }));
  }
  // Sharp gets bytes and not a path, which avoids its path syntax (`a.jpg[page=2]`) and its file cache.
  const bytes = await readImageFile(source.path);
  try {
    return await read(sharp(bytes, { limitInputPixels: MAX_PIXELS }));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new ImageError(source.path, sharpReason(error));
  }
}

function sharpReason(error: unknown): string {
  const message = error instanceof Error ? error.message.trim().split('\n')[0] : String(error);
  if (/pixel limit/i.test(message)) return `more than ${MAX_PIXELS / 1e6} million pixels`;
  if (/premature|truncated|unexpected end|end of (file|stream)|read error/i.test(message))
    return `the file is cut off (${message})`;
  return `cannot be decoded (${message})`;
}
