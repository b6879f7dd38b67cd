import { UserError } from '../checks/error.js';
import { DEFAULT_AUGMENT } from '../pictures/augment-option.js';
import { loadFeatures } from '../pictures/frozen/features.js';
import { pictureNumbers } from '../pictures/picture-numbers.js';
import type { SequenceImage } from '../pictures/shown-picture.js';

/** The frozen encoder of regions. */
export interface RegionVision {
  /** Its name or folder (`openFrozenEncoder`). */
  model: string;
  /** Width of its features. Default 1280, EfficientNet-lite0's. */
  width?: number;
}

export interface RegionFeatureOptions {
  /** Folder of a cache, whose keys are the bytes of an image and its box. */
  folder?: string;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/**
 * Features of parts of pictures, or of whole ones, by a frozen encoder: the mean over positions, of mean square 1. In the order given.
 * @throws UserError for an encoder that does not fit, or pictures that cannot be read, with the first of them
 * @example
 * ```ts
 * const image: moon.ProductImage = { id: 'shelf.jpg', source: { kind: 'file', path: 'shelf.jpg' } };
 * const [apples] = await moon.instances.regionFeatures([{ image, crop: { x1: 0, y1: 0, x2: 0.5, y2: 1 } }], { model: 'efficientnet-lite0' });
 * ```
 */
export async function regionFeatures(
  regions: readonly SequenceImage[],
  vision: RegionVision,
  options: RegionFeatureOptions = {},
): Promise<Float32Array[]> {
  const features = await loadFeatures(pictureNumbers(regions), {
    ...options,
    vision: { kind: 'onnx', ...vision, pool: 1 },
    augment: DEFAULT_AUGMENT,
    varied: new Set(),
  });
  const [first] = features.missing;
  if (first)
    throw new UserError(
      `regions: ${features.missing.size} of the pictures cannot be read, first ${first[0]}: ${first[1]}. Leave them out.`,
    );
  return regions.map((region) => {
    const tensor = features.inputOf([region]);
    const values = tensor.dataSync<'float32'>();
    tensor.dispose();
    return values;
  });
}
