import type { Detector } from '../data/region.js';
import { type OpenAttention, openAttention } from './attention.js';
import { centreDetector } from './centre.js';
import { duplicateDetector } from './duplicate.js';
import { givenBoxDetector } from './given-box.js';
import { openGrounding } from './grounding.js';
import { openObjectDetector } from './object-detector.js';
import { type RegionOption, regionOption } from './options.js';
import { randomDetector } from './random.js';
import { saliencyDetector } from './saliency.js';
import { segmentationDetector } from './segmentation.js';

/** Functions from other rooms that some detectors need. */
export interface DetectorContext {
  openAttention?: OpenAttention;
}

const open: {
  [Kind in RegionOption['kind']]: (
    option: Extract<RegionOption, { kind: Kind }>,
    context: DetectorContext,
  ) => Detector | Promise<Detector> | undefined;
} = {
  grounding: openGrounding,
  detector: openObjectDetector,
  saliency: saliencyDetector,
  segmentation: segmentationDetector,
  attention: (option, context) => openAttention(option, context.openAttention),
  boxes: givenBoxDetector,
  centre: centreDetector,
  random: randomDetector,
  duplicate: duplicateDetector,
  none: () => undefined,
};

/** Whether a detector's regions can depend on the title. */
export function readsTitles({ kind }: RegionOption): boolean {
  return kind === 'grounding' || kind === 'detector' || kind === 'attention';
}

/**
 * Create the detector of an option and load its weights; undefined for `none`. Free it with `dispose`.
 * @throws UserError for a wrong option, or files that do not fit it
 */
export async function detectorOf(option: RegionOption, context: DetectorContext = {}): Promise<Detector | undefined> {
  regionOption(option);
  // TypeScript cannot infer that each function gets the option of its own kind.
  return (open[option.kind] as (option: RegionOption, context: DetectorContext) => Detector | undefined)(
    option,
    context,
  );
}
