import { fraction, tagged } from '../../checks/schema.js';

/** The captioning stage before the contrastive one: captions (image -> title, category, attributes) for this fraction of the steps. */
export type CaptioningOption = { kind: 'none' } | { kind: 'captions'; fraction: number };

export const captioningSchema = tagged<CaptioningOption>('whether training begins with a captioning stage', {
  none: {},
  captions: { fraction: fraction({ help: 'the fraction of the steps in the captioning stage' }) },
});
