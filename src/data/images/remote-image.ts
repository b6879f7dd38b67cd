import { createHash } from 'node:crypto';

/** Fetched images live inside the data folder, so that the rule "nothing outside it is read" has no exception. */
export const FETCHED = ['.moon', 'images'];

/** An image that a row of the data gives by URL. */
export interface RemoteImage {
  url: string;
  /** The row that names it: file relative to the data folder, 1-based line. */
  file: string;
  line?: number;
}

/** `http://...` or `https://...`: an image to fetch, not the name of a file. */
export function isRemote(name: string): boolean {
  return /^https?:\/\//i.test(name);
}

/** The name, relative to the data folder, that the image of this URL has once it is fetched. */
export function cachedImage(url: string): string {
  return [...FETCHED, nameOfUrl(url)].join('/');
}

/** A name that nothing in the URL can lead out of the folder. */
export function nameOfUrl(url: string): string {
  return createHash('sha256').update(url).digest('hex');
}
