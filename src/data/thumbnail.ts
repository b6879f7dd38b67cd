import sharp from 'sharp';
import type { Raster } from './types.js';

/** A picture small enough to stand in a page many times: a JPEG data URI of at most `side` pixels a side. */
export async function thumbnail(raster: Raster, side = 56): Promise<string> {
  const { width, height, data } = raster;
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(side, side, { fit: 'inside' })
    .jpeg({ quality: 70 })
    .toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
}
