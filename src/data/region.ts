import { boxArea } from './overlap.js';
import type { Box, ProductImage } from './types.js';

/** Why the whole image stands in for a box: none was found, it is no box inside the image, or it holds too little of it. */
export const fallbacks = ['missing', 'absurd', 'tiny'] as const;
export type Fallback = (typeof fallbacks)[number];

/** A core region: the box of the subject that the title names, how sure the detector is (0 to 1), and who says so. */
export interface Region {
  box: Box;
  score: number;
  source: string;
  /** Set where the box is the whole image because the detector gave no believable one. */
  fallback?: Fallback;
}

/** An image whose core region is wanted. Only a product's has a title: nothing tells a detector what a query's shows. */
export interface RegionRequest {
  image: ProductImage;
  title?: string;
}

/** What a detector finds in an image: the core region, the whole image where none is believable; then all else that it is sure of, best first. */
export type Regions = readonly [core: Region, ...others: Region[]];

/**
 * Finds the regions of an image (paper, section on core semantic regions).
 * @throws ImageError for an image that cannot be read
 */
export type RegionDetector = (image: ProductImage, title?: string) => Promise<Regions>;

/** A frozen detector, ready to run. */
export interface Detector {
  detect: RegionDetector;
  /**
   * Names the kind, its settings and its weights, where the answer depends on nothing else but the pixels and the title: such
   * answers can be kept (`cachedDetector`).
   */
  identity?: string;
  /** Free the weights. */
  dispose(): void;
}

/** What a detector says before anybody doubts it. */
export interface Found {
  box: Box | null;
  score: number;
}

export const wholeImage: Box = { x1: 0, y1: 0, x2: 1, y2: 1 };

/** Smallest share of the image that a believable core region covers. */
const TINY = 0.04;

/** The region of a box; a missing, absurd or tiny one becomes the whole image with a score of 0, and says why. */
export function believable(source: string, { box, score }: Found): Region {
  const fallback = doubt(box);
  return box && !fallback ? { box, score, source } : { box: wholeImage, score: 0, source, fallback };
}

function doubt(box: Box | null): Fallback | undefined {
  if (!box) return 'missing';
  const { x1, y1, x2, y2 } = box;
  // A comparison with NaN is false.
  const sound = x1 >= 0 && y1 >= 0 && x2 <= 1 && y2 <= 1 && x1 < x2 && y1 < y2;
  if (!sound) return 'absurd';
  return boxArea(box) < TINY ? 'tiny' : undefined;
}

/** How often the whole image stood in, by reason. */
export function countFallbacks(regions: readonly Region[]): Record<Fallback, number> {
  const counts = { missing: 0, absurd: 0, tiny: 0 };
  for (const { fallback } of regions) if (fallback) counts[fallback]++;
  return counts;
}
