import type { ImageFormat } from './image-file.js';

/** Endings of the names of images in the supported formats. */
const supported: Record<ImageFormat, string[]> = {
  jpeg: ['jpg', 'jpeg', 'jfif'],
  png: ['png'],
  webp: ['webp'],
  gif: ['gif'],
  tiff: ['tif', 'tiff'],
  avif: ['avif'],
};

/** Endings of images that cannot be read. They are found as well, so that each is named to the user. */
const unsupported = ['bmp', 'heic', 'svg'];

/** The ending of the name or link of an image, in a supported format or not, with the query of a link. */
export const imageEnding = endingIn([...Object.values(supported).flat(), ...unsupported]);

/** The same of an image in a supported format. */
export const supportedEnding = endingIn(Object.values(supported).flat());

function endingIn(endings: readonly string[]): RegExp {
  return new RegExp(`\\.(?:${endings.join('|')})(?:\\?.*)?$`, 'i');
}
