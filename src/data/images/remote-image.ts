import { createHash } from 'node:crypto';

/** Downloaded images are stored inside the data folder, so that nothing outside of it is ever read. */
export const FETCHED = ['.moon', 'images'];

/** An image that a row refers to by URL. */
export interface RemoteImage {
  url: string;
  /** The file of the row, relative to the data folder; `line` is 1-based. */
  file: string;
  line?: number;
}

/** Whether a name is an http(s) URL rather than a file name. */
export function isRemote(name: string): boolean {
  return /^https?:\/\//i.test(name);
}

/** The path of a downloaded image relative to the data folder. */
export function cachedImage(url: string): string {
  return [...FETCHED, nameOfUrl(url)].join('/');
}

/** The file name for a URL. A hash, so that no URL can lead outside the folder. */
export function nameOfUrl(url: string): string {
  return createHash('sha256').update(url).digest('hex');
}
