import { createHash } from 'node:crypto';
import type { ImageSource } from '../types.js';
import { readImageFile } from './image-file.js';

/**
 * SHA-256 of a file's bytes, or of a drawing's pixels.
 * @throws ImageError for a file that is not an image
 */
export async function imageHash(source: ImageSource): Promise<string> {
  const hash = createHash('sha256');
  if (source.kind === 'file') return hash.update(await readImageFile(source.path)).digest('hex');
  const { width, height, data } = source.draw();
  return hash.update(`${width} x ${height}`).update(data).digest('hex');
}
