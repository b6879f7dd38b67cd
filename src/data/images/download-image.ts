import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DownloadError, type DownloadLimits, download } from '../../store/download.js';
import { FORMAT_BYTES, type ImageFormat, imageFormat } from './image-file.js';

/** Size, hash and format of a downloaded image. */
export interface Downloaded {
  bytes: number;
  sha256: string;
  format: ImageFormat;
}

/** Download one image (`download`). @throws DownloadError if it cannot be downloaded, or is not an image */
export function downloadImage(url: string, target: string, limits: DownloadLimits): Promise<Downloaded> {
  return download(url, target, limits, {
    // Check the bytes, not the announced type.
    refuse: (first, type) =>
      first.length >= FORMAT_BYTES && !imageFormat(first) ? `not an image (the server calls it ${type})` : undefined,
    examine: examineImage,
  });
}

/**
 * Read size, hash and format of a complete file.
 * @throws DownloadError if it is not an image
 */
export async function examineImage(path: string): Promise<Downloaded> {
  const data = await readFile(path);
  const format = imageFormat(data);
  if (!format) throw new DownloadError('not an image');
  return { bytes: data.length, sha256: createHash('sha256').update(data).digest('hex'), format };
}
