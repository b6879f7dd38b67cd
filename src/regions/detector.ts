import { wrongOption } from '../engine/check.js';
import type { RegionDetector } from './region.js';
import { saliencyRegion } from './saliency.js';

/** How the core region of an image is found; `none` leaves the crop out of every sequence. */
export type RegionOption = { kind: 'saliency' } | { kind: 'none' };

/** The detector of an option; undefined for `none`. */
export function detectorOf(option: RegionOption): RegionDetector | undefined {
  if (option.kind === 'none') return undefined;
  if (option.kind === 'saliency') return saliencyRegion;
  throw wrongOption('region.kind', (option as { kind: unknown }).kind, 'one of saliency | none');
}
