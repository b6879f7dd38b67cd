import { fraction, list, oneOf, tagged } from '../../checks/schema.js';
import { type Part, parts } from '../../moon/part-option.js';

/** The captioning stage before the contrastive one: captions (image -> title, category, attributes) for this fraction of the steps. */
export type CaptioningOption = { kind: 'none' } | CaptionsOption;

export interface CaptionsOption {
  kind: 'captions';
  fraction: number;
  /**
   * Parts that this stage trains: with `['projector']` it aligns the pictures with the language model (LLaVA's first stage, arXiv 2304.08485).
   * Default all; what the run does not train stays as it is in either case.
   */
  parts?: readonly Part[];
}

export const captioningSchema = tagged<CaptioningOption>('whether training begins with a captioning stage', {
  none: {},
  captions: {
    fraction: fraction({ help: 'the fraction of the steps in the captioning stage' }),
    parts: list(oneOf(parts, { help: 'a part of the network' }), {
      min: 1,
      default: parts,
      help: 'parts that this stage trains; projector alone aligns pictures with the language model',
    }),
  },
});
