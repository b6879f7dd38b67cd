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

/** What a detector may need that this room does not know. */
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
  attention: (option, context) => openAttention(option, context.openAttention),
  boxes: givenBoxDetector,
  centre: centreDetector,
  random: randomDetector,
  duplicate: duplicateDetector,
  none: () => undefined,
};

/** Whether what a detector finds can depend on a title. */
export function readsTitles({ kind }: RegionOption): boolean {
  return kind === 'grounding' || kind === 'detector' || kind === 'attention';
}

/**
 * The detector of an option, its weights loaded; undefined for `none`. Free it with `dispose`.
 * @throws UserError for a wrong option, or files that do not fit it
 */
export async function detectorOf(option: RegionOption, context: DetectorContext = {}): Promise<Detector | undefined> {
  regionOption(option);
  // TypeScript cannot see that the function of a kind gets the option of that kind.
  return (open[option.kind] as (option: RegionOption, context: DetectorContext) => Detector | undefined)(
    option,
    context,
  );
}
