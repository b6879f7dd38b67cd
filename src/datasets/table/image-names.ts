import { imageEnding } from '../../data/images/image-endings.js';
import { isAbsent, listText } from '../../data/tables/cells.js';
import { isObject } from '../../data/tables/json.js';
import type { Listing } from './listing.js';

/**
 * The pictures in a cell: names, paths, URLs, or the bytes of a picture. Several are a list, a list in JSON or as Python writes it, or a text in
 * which they are joined by a pipe, a semicolon, a comma or spaces.
 */
export function imagesIn(value: unknown): Listing['images'] {
  if (typeof value === 'string') return listText(value)?.flatMap(imagesIn) ?? splitNames(value);
  if (Array.isArray(value)) return value.flatMap(imagesIn);
  if (value instanceof Uint8Array) return value.length ? [{ bytes: value }] : [];
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)];
  if (!isObject(value)) return [];
  if (value.bytes instanceof Uint8Array) return [{ bytes: value.bytes }];
  return imagesIn(largestOf(value));
}

/** Of one picture in several sizes the largest: Amazon's `{ hi_res, large, thumb }`. */
function largestOf(sizes: Record<string, unknown>): unknown {
  const names = ['hi_res', 'large', 'url', 'src', 'link', 'path', 'name', 'value', 'image', 'thumb'];
  return names.map((name) => sizes[name]).find((value) => (Array.isArray(value) ? value.some(Boolean) : value));
}

function splitNames(text: string): string[] {
  const bare = text.trim();
  if (!bare || isAbsent(bare)) return [];
  if (/https?:\/\//i.test(bare))
    return bare.split(/[\s,;|]+(?=https?:\/\/)/i).map((url) => url.replace(/[\s,;|]+$/, ''));
  for (const separator of ['|', ';', ',']) {
    const parts = bare.split(separator).flatMap((part) => part.trim() || []);
    if (parts.length > 1 && (separator === '|' || parts.every((part) => imageEnding.test(part)))) return parts;
  }
  return [bare];
}
