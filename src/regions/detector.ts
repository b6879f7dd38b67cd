import { wrongOption } from '../checks/error.js';
import type { Detector } from '../data/region.js';
import { type AttentionOption, type OpenAttention, openAttention } from './attention.js';
import { type CentreOption, centreDetector } from './centre.js';
import { type DuplicateOption, duplicateDetector } from './duplicate.js';
import { type GivenBoxOption, givenBoxDetector } from './given-box.js';
import { type GroundingOption, openGrounding } from './grounding.js';
import { type ObjectDetectorOption, openObjectDetector } from './object-detector.js';
import { type RandomOption, randomDetector } from './random.js';
import { type SaliencyOption, saliencyDetector } from './saliency.js';

/** How the core region of an image is found; `none` leaves the crop out of every sequence. */
export type RegionOption =
  | GroundingOption
  | ObjectDetectorOption
  | SaliencyOption
  | AttentionOption
  | GivenBoxOption
  | CentreOption
  | RandomOption
  | DuplicateOption
  | { kind: 'none' };

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
  if (!Object.hasOwn(open, option.kind))
    throw wrongOption('region.kind', option.kind, `one of ${Object.keys(open).join(' | ')}`);
  // TypeScript cannot see that the function of a kind gets the option of that kind.
  return (open[option.kind] as (option: RegionOption, context: DetectorContext) => Detector | undefined)(
    option,
    context,
  );
}
