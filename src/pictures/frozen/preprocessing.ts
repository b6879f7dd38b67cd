import { type Channels, findProcessor, settingsReader, sizeOf } from '../processor-settings.js';

/** Preprocessing of a published image encoder. */
export interface Preprocessing {
  /** In pixels, and the setting that gives it; undefined if no file gives it. */
  side?: number;
  sideFrom?: string;
  /** Per channel (red, green, blue), for values from 0 to 1. */
  mean: Readonly<Channels>;
  std: Readonly<Channels>;
}

/** Statistics of ImageNet's training images. */
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/**
 * Read the image processor of a Hugging Face image encoder: `size` (a number, equal `height` and `width`, or `shortest_edge`; or
 * `crop_size` if centre cropping is on), `image_mean`, `image_std` and `rescale_factor`. Pictures are always resized to this square, by the
 * kernel of their caller. Without a file, returns ImageNet's values.
 * @throws UserError for a file that is not JSON, or a setting that is not applied
 */
export function readPreprocessing(dir: string): Preprocessing {
  const found = findProcessor(dir);
  if (!found) return IMAGENET;
  const { file, json } = found;
  const { refuse, requireTrue, positive, channels } = settingsReader(found);
  requireTrue('do_resize');
  for (const key of ['rescale_offset', 'include_top']) if (json[key]) throw refuse(key, 'false');
  const key = json.do_center_crop ? 'crop_size' : 'size';
  const side = sideOf(json[key]);
  if (side === undefined && (json[key] !== undefined || json.do_center_crop))
    throw refuse(key, 'the side of a square: an integer above 0, in pixels');
  // Rescaled bytes are `scale` times the values from 0 to 1; (scale x - mean) / std is (x - mean / scale) / (std / scale).
  const scale = 255 * (isOff(json.do_rescale) ? 1 : positive('rescale_factor', 1 / 255));
  const scaled = ([red, green, blue]: Readonly<Channels>): Channels => [red / scale, green / scale, blue / scale];
  const normalised = !isOff(json.do_normalize);
  return {
    ...(side === undefined ? {} : { side, sideFrom: `${file}: ${key}` }),
    mean: scaled(normalised ? channels('image_mean', IMAGENET.mean) : [0, 0, 0]),
    std: scaled(normalised ? channels('image_std', IMAGENET.std) : [1, 1, 1]),
  };
}

/** transformers takes null for false. */
const isOff = (value: unknown) => value === false || value === null;

/** The side of a square of any form; undefined for what is none. */
function sideOf(size: unknown): number | undefined {
  const { height, width } =
    sizeOf({ height: size, width: size }, ['height', 'width']) ?? sizeOf(size, ['height', 'width']) ?? {};
  return height === undefined ? sizeOf(size, ['shortest_edge'])?.shortest_edge : height === width ? height : undefined;
}
