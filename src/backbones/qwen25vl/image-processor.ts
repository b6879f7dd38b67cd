import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wrongOption } from '../../checks/error.js';
import { isObject } from '../../data/tables/json.js';
import { type ProcessorFile, readProcessor, settingsReader, sizeOf } from '../../pictures/processor-settings.js';

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
 * Parse `preprocessor_config.json`. The pixel limits are `size.shortest_edge` and `size.longest_edge`, which are pixel counts too;
 * `min_pixels` and `max_pixels` come before them, as in transformers.
 * @throws UserError naming `file` and the setting that is not supported
 */
export function parseImageProcessor(settings: object, file = 'preprocessor_config.json'): ImageProcessor {
  const json = settings as Record<string, unknown>;
  const read = settingsReader({ file, json });
  read.requireType(/^Qwen\w*ImageProcessor(Fast)?$/, "'Qwen2VLImageProcessor'");
  read.requireTrue('do_resize', 'do_rescale', 'do_normalize');
  if (json.resample !== undefined && json.resample !== 3) throw read.refuse('resample', '3 (bicubic)');
  const { shortest_edge: minPixels, longest_edge: maxPixels } = pixelLimits({ file, json });
  if (minPixels > maxPixels) throw wrongOption(`${file}: min_pixels`, minPixels, `at most max_pixels, ${maxPixels}`);
  const { patchSize, temporalPatchSize, mergeSize, rescale, mean, std } = publishedImageProcessor;
  return {
    patchSize: read.integer('patch_size', patchSize),
    temporalPatchSize: read.integer('temporal_patch_size', temporalPatchSize),
    mergeSize: read.integer('merge_size', mergeSize),
    minPixels,
    maxPixels,
    rescale: read.positive('rescale_factor', rescale),
    mean: read.channels('image_mean', mean),
    std: read.channels('image_std', std),
  };
}

function pixelLimits({ file, json }: ProcessorFile): { shortest_edge: number; longest_edge: number } {
  const { refuse, integer } = settingsReader({ file, json });
  const { minPixels, maxPixels } = publishedImageProcessor;
  const size = json.size ?? { shortest_edge: minPixels, longest_edge: maxPixels };
  const merged = isObject(size) ? { ...size } : undefined;
  const keys = { min_pixels: 'shortest_edge', max_pixels: 'longest_edge' };
  for (const [key, edge] of Object.entries(keys).filter(([key]) => merged && (json[key] ?? null) !== null)) {
    delete merged![key];
    merged![edge] = integer(key, 1);
  }
  const limits = sizeOf(merged, ['shortest_edge', 'longest_edge']);
  if (!limits)
    throw refuse(
      'size',
      'shortest_edge and longest_edge alone, each the pixels of a whole image',
      'Replace it by min_pixels and max_pixels beside it.',
    );
  return limits;
}

/** Load the image processor of a Hugging Face folder. */
export function loadImageProcessor(dir: string): ImageProcessor {
  const { json, file } = readProcessor(dir);
  return parseImageProcessor(json, file);
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
