import { wrongOption } from '../checks/error.js';

/** The `area` of a control's box. Give it the area that a detector keeps (`scoreRegions`), and the two see equally much. */
export function boxShare(area = 0.5): number {
  if (!(area >= 0.05 && area <= 1)) throw wrongOption('region.area', area, 'a share of the image from 0.05 to 1');
  return area;
}
