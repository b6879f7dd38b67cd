import sharp, { type Sharp } from 'sharp';
import { UserError, wrongOption } from '../checks/error.js';
import { ImageError, readImageFile } from '../data/images/image-file.js';
import { inParallel } from '../data/in-parallel.js';
import type { Box, ImageSource, Raster } from '../data/types.js';
import * as tf from '../engine/tf.js';

/** A larger image is refused by its header, before any pixel is decoded: width x height of one frame. */
export const MAX_PIXELS = 100_000_000;

const WHITE = { r: 255, g: 255, b: 255 };
const FIT = { stretch: 'fill', cover: 'cover', contain: 'contain' } as const;

export interface DecodeOptions {
  /** Of the result, in pixels. */
  width: number;
  height: number;
  /** `stretch` ignores the aspect, `cover` cuts the middle out, `contain` adds white margins. */
  fit: 'stretch' | 'cover' | 'contain';
  /** Cut this part out of the upright original first; see `cropPixels` for the rounding. */
  crop?: Box;
}

/**
 * Read one image as `[height, width, 3]` bytes of sRGB: turned upright by its EXIF orientation, transparency laid over
 * white, greyscale, CMYK and 16 bits converted, the first frame of an animation. Shrunk by a Lanczos filter; enlarged by a
 * bicubic one, which libvips lays half a new pixel further to the right and down than Pillow does.
 *
 * @throws ImageError for a file that is missing, empty, cut off, too large or not an image.
 */
export async function decodeImage(source: ImageSource, options: DecodeOptions): Promise<Raster> {
  const { width, height, fit, crop } = options;
  if (!(Number.isInteger(width) && width > 0 && Number.isInteger(height) && height > 0)) {
    throw wrongOption('width, height', [width, height], 'whole numbers of pixels above 0');
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

/** Width and height in pixels after EXIF rotation, from the header alone. @throws ImageError as `decodeImage` does */
export async function imageSize(source: ImageSource): Promise<{ width: number; height: number }> {
  return readImage(source, async (image) => {
    const { width, height } = (await image.metadata()).autoOrient;
    return { width, height };
  });
}

/**
 * The pixels of a box: every edge goes to the nearest border between pixels, and at least one pixel is kept. So [0.25, 0.75]
 * of 10 pixels is 3 to 8, boxes that share an edge share no pixel, and the whole box is the whole image.
 */
export function cropPixels(box: Box, width: number, height: number) {
  if (!(box.x1 < box.x2 && box.y1 < box.y2))
    throw wrongOption('crop', box, 'x1 < x2 and y1 < y2, in fractions of 0..1');
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
   * How many images are in work together (default 8: one reads its file while another is decoded). Decoding itself has the
   * threads of libuv's pool: four, unless the process was started with UV_THREADPOOL_SIZE.
   */
  concurrency?: number;
  /** Told the index of an image that failed, and why. */
  onIssue: (index: number, issue: ImageError) => void;
}

/** Decode many images at once, in order. One that fails is reported and leaves `null` at its place; the rest are decoded. */
export function decodeImages(
  sources: readonly ImageSource[],
  options: DecodeOptions & BatchOptions,
): Promise<(Raster | null)[]> {
  return decodeEach(sources, (source) => decodeImage(source, options), options);
}

/** `decode` every item, a bounded number at a time, in order; an ImageError becomes `null` and a report. */
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

/** Rasters of one size as a tensor `[n, height, width, 3]`, float32 in 0..1. The caller disposes it. */
export function rastersToTensor(rasters: readonly Raster[]): tf.Tensor4D {
  if (rasters.length === 0) throw new UserError('rastersToTensor: got no images; give at least one.');
  const { width, height } = rasters[0];
  const pixels = width * height * 3;
  const batch = new Float32Array(rasters.length * pixels); // fresh each time: the tensor may keep this memory
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
  // Sharp gets bytes, never a path: its own path syntax (`a.jpg[page=2]`) and file cache stay out of the way.
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
