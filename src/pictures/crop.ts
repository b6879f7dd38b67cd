import type { Box, ImageSource, Raster } from '../data/types.js';
import { cropPixels, decodeImage, imageSize } from './image.js';

export interface Crop {
  /** [side, side] */
  raster: Raster;
  /** Size of the box in the stored image, in pixels. */
  width: number;
  height: number;
}

/** Whether the stored image has fewer pixels in the box than the crop of `side` x `side`, along at least one side. */
export function isUpsampled({ side, width, height }: Pick<Crop, 'width' | 'height'> & { side: number }): boolean {
  return width < side || height < side;
}

/**
 * Cut a box out of the stored image at full resolution and resize it to `side` x `side`, ignoring its aspect ratio.
 * @throws ImageError for an image that cannot be read
 */
export async function cutCrop(source: ImageSource, box: Box, side: number): Promise<Crop> {
  const stored = await imageSize(source);
  const { width, height } = cropPixels(box, stored.width, stored.height);
  const raster = await decodeImage(source, { width: side, height: side, fit: 'stretch', crop: box });
  return { raster, width, height };
}
