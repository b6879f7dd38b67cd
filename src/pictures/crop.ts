import type { Box, ImageSource, Raster } from '../data/types.js';
import { cropPixels, decodeImage, imageSize } from './image.js';

export interface Crop {
  /** [side, side] */
  raster: Raster;
  /** The stored image has fewer pixels here, along a side at least, than the crop. */
  upsampled: boolean;
}

/** Cut a box out of the image as it is stored, at its full size, and bring the part to `side` x `side`; its aspect is given up. */
export async function cutCrop(source: ImageSource, box: Box, side: number): Promise<Crop> {
  const stored = await imageSize(source);
  const { width, height } = cropPixels(box, stored.width, stored.height);
  const raster = await decodeImage(source, { width: side, height: side, fit: 'stretch', crop: box });
  return { raster, upsampled: width < side || height < side };
}
