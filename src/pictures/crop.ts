import type { Box, ImageSource, Raster } from '../data/types.js';
import { cropPixels, decodeImage, imageSize } from './image.js';

export interface Crop {
  /** [side, side] */
  raster: Raster;
  /** Whether the stored image has fewer pixels in the box than the crop, along at least one side. */
  upsampled: boolean;
}

/**
 * Cut a box out of the stored image at full resolution and resize it to `side` x `side`, ignoring its aspect ratio.
 * @throws ImageError for an image that cannot be read
 */
export async function cutCrop(source: ImageSource, box: Box, side: number): Promise<Crop> {
  const stored = await imageSize(source);
  const { width, height } = cropPixels(box, stored.width, stored.height);
  const raster = await decodeImage(source, { width: side, height: side, fit: 'stretch', crop: box });
  return { raster, upsampled: width < side || height < side };
}
