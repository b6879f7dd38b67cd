import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wrongOption } from '../../checks/error.js';
import { readJsonFile } from '../../store/json-file.js';

/** How an image becomes patches: the settings of `preprocessor_config.json` in a Qwen2-VL or Qwen2.5-VL folder. */
export interface ImageProcessor {
  patchSize: number;
  /** Frames per patch. A still image is repeated to fill them. */
  temporalPatchSize: number;
  /** Patches along each side of one token. */
  mergeSize: number;
  /** Limits of width x height after resizing. */
  minPixels: number;
  maxPixels: number;
  /** Factor for bytes, 1/255. */
  rescale: number;
  /** Per channel (red, green, blue), applied after rescaling. */
  mean: [number, number, number];
  std: [number, number, number];
}

/** Defaults of the published class. To use another patch size, spread them: `{ ...publishedImageProcessor, patchSize: 8 }`. */
export const publishedImageProcessor: ImageProcessor = {
  patchSize: 14,
  temporalPatchSize: 2,
  mergeSize: 2,
  minPixels: 56 * 56,
  maxPixels: 28 * 28 * 1280,
  rescale: 1 / 255,
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};

/**
 * Parse `preprocessor_config.json`. The pixel limits are `min_pixels` and `max_pixels`, or else `size.shortest_edge` and
 * `size.longest_edge`, which are pixel counts too.
 * @throws UserError naming `file` and the setting that is not supported
 */
export function parseImageProcessor(settings: object, file = 'preprocessor_config.json'): ImageProcessor {
  const json = settings as Record<string, unknown>;
  const refuse = (key: string, expected: string) => wrongOption(`${file}: ${key}`, json[key], expected);
  for (const key of ['do_resize', 'do_rescale', 'do_normalize']) {
    if (json[key] === false) throw refuse(key, 'true');
  }
  if ((json.resample ?? 3) !== 3) throw refuse('resample', '3 (bicubic)');
  const number = (key: string, value: unknown, fallback: number) => {
    if (value === undefined || value === null) return fallback;
    if (typeof value !== 'number' || !(value > 0)) throw wrongOption(`${file}: ${key}`, value, 'a number above 0');
    return value;
  };
  const byChannel = (key: string, fallback: [number, number, number]): [number, number, number] => {
    const value = json[key] ?? fallback;
    if (!Array.isArray(value) || value.length !== 3) throw refuse(key, 'three numbers: red, green, blue');
    const [red, green, blue] = value.map((fraction: unknown) => number(key, fraction, 1));
    return [red, green, blue];
  };
  const size = (json.size ?? {}) as Record<string, unknown>;
  const processor: ImageProcessor = {
    patchSize: number('patch_size', json.patch_size, publishedImageProcessor.patchSize),
    temporalPatchSize: number(
      'temporal_patch_size',
      json.temporal_patch_size,
      publishedImageProcessor.temporalPatchSize,
    ),
    mergeSize: number('merge_size', json.merge_size, publishedImageProcessor.mergeSize),
    minPixels: number('min_pixels', json.min_pixels ?? size.shortest_edge, publishedImageProcessor.minPixels),
    maxPixels: number('max_pixels', json.max_pixels ?? size.longest_edge, publishedImageProcessor.maxPixels),
    rescale: number('rescale_factor', json.rescale_factor, publishedImageProcessor.rescale),
    mean: byChannel('image_mean', publishedImageProcessor.mean),
    std: byChannel('image_std', publishedImageProcessor.std),
  };
  if (processor.minPixels > processor.maxPixels) {
    throw wrongOption(`${file}: min_pixels`, processor.minPixels, `at most max_pixels, ${processor.maxPixels}`);
  }
  return processor;
}

/** Load the image processor of a Hugging Face folder. */
export function loadImageProcessor(dir: string): ImageProcessor {
  const file = join(dir, 'preprocessor_config.json');
  return parseImageProcessor(readJsonFile(file, "copy it from the model's page into the folder") as object, file);
}

/** Write `preprocessor_config.json`, which Hugging Face transformers reads too. */
export function saveImageProcessor(processor: ImageProcessor, dir: string): void {
  const json = {
    image_processor_type: 'Qwen2VLImageProcessor',
    patch_size: processor.patchSize,
    temporal_patch_size: processor.temporalPatchSize,
    merge_size: processor.mergeSize,
    size: { shortest_edge: processor.minPixels, longest_edge: processor.maxPixels },
    rescale_factor: processor.rescale,
    image_mean: processor.mean,
    image_std: processor.std,
    resample: 3,
  };
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'preprocessor_config.json'), `${JSON.stringify(json, null, 2)}\n`);
}
