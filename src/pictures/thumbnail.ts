import sharp from 'sharp';
import type { ProductImage, Raster } from '../data/types.js';
import { decodeImage, imageSize } from './image.js';

/** A small preview of a picture: a JPEG data URI of at most `side` pixels per side. */
export async function thumbnail(raster: Raster, side = 56): Promise<string> {
  const { width, height, data } = raster;
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(side, side, { fit: 'inside' })
    .jpeg({ quality: 70 })
    .toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
}

/**
 * Read an image for a figure: a JPEG data URI whose longer side has `side` pixels, and its size.
 * @throws ImageError for an image that cannot be read
 */
export async function pictureOf(
  { id, source }: Pick<ProductImage, 'id' | 'source'>,
  side = 96,
): Promise<{ uri: string; width: number; height: number; label: string }> {
  const size = await imageSize(source);
  const scale = side / Math.max(size.width, size.height);
  const [width, height] = [size.width, size.height].map((pixels) => Math.max(1, Math.round(scale * pixels)));
  const raster = await decodeImage(source, { width, height, fit: 'stretch' });
  return { uri: await thumbnail(raster, side), width, height, label: id };
}
