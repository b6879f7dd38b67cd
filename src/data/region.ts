import { boxArea } from './overlap.js';
import type { Box, ProductImage } from './types.js';

/** Why the full image replaces a box: the detector found none, the box is not valid inside the image, or the box is too small. */
export const fallbacks = ['missing', 'absurd', 'tiny'] as const;
export type Fallback = (typeof fallbacks)[number];

/** A core region: the box of the subject that the title names, the detector's confidence (0 to 1), and the name of the detector. */
export interface Region {
  box: Box;
  score: number;
  source: string;
  /** Set if the box is the full image because the detector gave no plausible one. */
  fallback?: Fallback;
}

/** A request for the core region of an image. Only product images have a title; a detector never sees a title for a query image. */
export interface RegionRequest {
  image: ProductImage;
  title?: string;
}

/**
 * All regions of an image: first the core region (the full image if no plausible box was found), then other confident detections, best
 * first.
 */
export type Regions = readonly [core: Region, ...others: Region[]];

/**
 * Detects the regions of an image (see the paper's section on core semantic regions).
 * @throws ImageError for an image that cannot be read
 */
export type RegionDetector = (image: ProductImage, title?: string) => Promise<Regions>;

/** A detector with loaded, frozen weights. */
export interface Detector {
  detect: RegionDetector;
  /**
   * Identifies the kind, settings and weights. Set only if the result depends on nothing but these, the pixels and the title; such results
   * can be cached (`cachedDetector`).
   */
  identity?: string;
  /** Free the weights. */
  dispose(): void;
}

/** The raw output of a detector, before plausibility checks. */
export interface RawRegion {
  box: Box | null;
  score: number;
}

export const fullImage: Box = { x1: 0, y1: 0, x2: 1, y2: 1 };

/** The minimum fraction of the image that a plausible core region covers. */
const MIN_AREA = 0.04;

/** Check a detected box. A missing, absurd or tiny box is replaced by the full image with score 0, and `fallback` says why. */
export function plausibleRegion(source: string, { box, score }: RawRegion): Region {
  const fallback = implausibility(box);
  return box && !fallback ? { box, score, source } : { box: fullImage, score: 0, source, fallback };
}

function implausibility(box: Box | null): Fallback | undefined {
  if (!box) return 'missing';
  const { x1, y1, x2, y2 } = box;
  // NaN fails all of these comparisons.
  const sound = x1 >= 0 && y1 >= 0 && x2 <= 1 && y2 <= 1 && x1 < x2 && y1 < y2;
  if (!sound) return 'absurd';
  return boxArea(box) < MIN_AREA ? 'tiny' : undefined;
}

/** Count how often the full image replaced a box, by reason. */
export function countFallbacks(regions: readonly Region[]): Record<Fallback, number> {
  const counts = { missing: 0, absurd: 0, tiny: 0 };
  for (const { fallback } of regions) if (fallback) counts[fallback]++;
  return counts;
}
