import { imageUri } from './escape.js';

/** Thumbnails that appear next to the pointer. Each is stored once, however many traces use it. */
export interface HoverPictures<Point> {
  /** For `layout.meta.thumbnails`. */
  thumbnails: string[];
  /** Index of a point's thumbnail, for `customdata`; null if it has none. */
  thumbnailIndex(point: Point): number | null;
}

/** @throws UserError for a thumbnail that is not a data URI of an image */
export function hoverPictures<Point extends { label: string; thumbnail?: string }>(
  points: readonly Point[],
): HoverPictures<Point> {
  const places = new Map<string, number>();
  for (const { label, thumbnail } of points) {
    const uri = imageUri(thumbnail, label);
    if (uri !== undefined && !places.has(uri)) places.set(uri, places.size);
  }
  return { thumbnails: [...places.keys()], thumbnailIndex: ({ thumbnail }) => places.get(thumbnail ?? '') ?? null };
}
