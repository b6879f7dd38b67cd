import { imageUri } from './escape.js';

/** What is shown beside the pointer: each picture once, however many traces show its point. */
export interface HoverPictures<Point> {
  /** For `layout.meta.thumbnails`. */
  thumbnails: string[];
  /** A point's place in that list, for `customdata`; null for a point without a picture. */
  placeOf(point: Point): number | null;
}

/** @throws UserError for a thumbnail that is no data URI */
export function hoverPictures<Point extends { label: string; thumbnail?: string }>(
  points: readonly Point[],
): HoverPictures<Point> {
  const places = new Map<string, number>();
  for (const { label, thumbnail } of points) {
    const uri = imageUri(thumbnail, label);
    if (uri !== undefined && !places.has(uri)) places.set(uri, places.size);
  }
  return { thumbnails: [...places.keys()], placeOf: ({ thumbnail }) => places.get(thumbnail ?? '') ?? null };
}
