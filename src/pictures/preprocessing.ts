import { readFileSync } from 'node:fs';
import { UserError, wrongOption } from '../checks/error.js';
import { isObject } from '../data/tables/json.js';

/** Preprocessing of a published image encoder. */
export interface Preprocessing {
  /** In pixels; undefined if the file does not give it. */
  side?: number;
  /** Per channel (red, green, blue), for values from 0 to 1. */
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** Statistics of ImageNet's training images. */
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/**
 * Read the `preprocessor_config.json` of a Hugging Face image encoder: `size` (a number, `height` and `width`, or `shortest_edge`; or
 * `crop_size` if centre cropping is on), `image_mean` and `image_std`. Without a file, returns ImageNet's values.
 * @throws UserError for a file that is not JSON, or invalid sizes or channels
 */
export function readPreprocessing(file: string | undefined): Preprocessing {
  if (!file) return IMAGENET;
  const json = parse(file);
  const size = json.do_center_crop && json.crop_size ? json.crop_size : json.size;
  const side = isObject(size) ? (size.height ?? size.shortest_edge) : size;
  if (side !== undefined && !(Number.isInteger(side) && (side as number) > 0))
    throw wrongOption(`${file}: size`, size, 'an integer above 0, in pixels');
  const channels = (key: string, fallback: Preprocessing['mean']): Preprocessing['mean'] => {
    if (json.do_normalize === false) return key === 'image_std' ? [1, 1, 1] : [0, 0, 0];
    const value = json[key] ?? fallback;
    if (!Array.isArray(value) || value.length !== 3 || !value.every(Number.isFinite))
      throw wrongOption(`${file}: ${key}`, value, 'three numbers: red, green, blue');
    return [value[0], value[1], value[2]];
  };
  return {
    side: side as number | undefined,
    mean: channels('image_mean', IMAGENET.mean),
    std: channels('image_std', IMAGENET.std),
  };
}

function parse(file: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isObject(json)) return json;
  } catch (error) {
    throw new UserError(`${file}: cannot be read as JSON (${(error as Error).message}); download it again.`);
  }
  throw new UserError(`${file}: holds no settings; download it again.`);
}
