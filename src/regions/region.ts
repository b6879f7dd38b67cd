import type { Box, Raster } from '../data/types.js';

/** A core region: the box of the subject that the title names, how sure the detector is, and who says so. */
export interface Region {
  box: Box;
  score: number;
  source: string;
}

/** A frozen detector of the core region (paper, section on core semantic regions). A query's image comes without a title. */
export type RegionDetector = (raster: Raster, title?: string) => Region;

export const wholeImage: Box = { x1: 0, y1: 0, x2: 1, y2: 1 };

/** Smallest share of the image that a believable core region covers. */
const TINY = 0.04;

/** A box that is absurd or tiny becomes the whole image, and says so in its source. */
export function believable(region: Region): Region {
  const { x1, y1, x2, y2 } = region.box;
  const area = (x2 - x1) * (y2 - y1);
  const sound = [x1, y1, x2, y2].every((edge) => edge >= 0 && edge <= 1) && x2 > x1 && y2 > y1 && area >= TINY;
  return sound ? region : { box: wholeImage, score: 0, source: `${region.source}: whole image instead` };
}
