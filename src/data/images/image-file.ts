import { readFile, stat } from 'node:fs/promises';
import { UserError } from '../../checks/error.js';

/** Larger files are refused. */
export const MAX_FILE_BYTES = 200_000_000;

/** Number of leading bytes that `imageFormat` needs. */
export const FORMAT_BYTES = 12;

/** The supported image formats. SVG and PDF are excluded because they may refer to other files, HEIC because sharp cannot decode it. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif';

/** An image that cannot be used. `file` and `reason` are separate for reports that name the file elsewhere. */
export class ImageError extends UserError {
  override name = 'ImageError';
  constructor(
    readonly file: string,
    readonly reason: string,
  ) {
    super(`${file}: ${reason}; replace the image or leave it out.`);
  }
}

/**
 * Read the bytes of an image file.
 * @throws ImageError if the file is missing, empty, too large or not an image
 */
export async function readImageFile(path: string): Promise<Uint8Array> {
  const cannot = (error: NodeJS.ErrnoException): never => {
    throw new ImageError(path, error.code === 'ENOENT' ? 'no such file' : `cannot be read (${error.code})`);
  };
  const found = await stat(path).catch(cannot); // before reading, because opening a pipe would block
  if (!found.isFile()) throw new ImageError(path, 'not a file');
  if (found.size === 0) throw new ImageError(path, 'the file is empty (0 bytes)');
  if (found.size > MAX_FILE_BYTES) throw new ImageError(path, `${found.size} bytes, more than ${MAX_FILE_BYTES}`);
  const bytes = await readFile(path).catch(cannot);
  if (!imageFormat(bytes)) throw new ImageError(path, 'not a JPEG, PNG, WebP, GIF, TIFF or AVIF image');
  return bytes;
}

/** Detect the format from the first bytes of a file, whatever its name or content type; undefined if it is not supported. */
export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  const head = Buffer.from(bytes.subarray(0, FORMAT_BYTES)).toString('latin1');
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('GIF8')) return 'gif';
  if (head.startsWith('II*\0') || head.startsWith('MM\0*')) return 'tiff';
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'webp';
  return /^ftypavi[fs]/.test(head.slice(4)) ? 'avif' : undefined;
}
