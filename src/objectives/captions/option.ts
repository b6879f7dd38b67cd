import { fraction, tagged } from '../../checks/schema.js';

/** Generative stage before the contrastive one: captions (image -> title, category, attributes) for this fraction of the steps. */
export type CaptioningOption = { kind: 'none' } | { kind: 'captions'; fraction: number };

export const captioningSchema = tagged<CaptioningOption>('whether the network learns to write captions first', {
  none: {},
  captions: { fraction: fraction({ help: 'the fraction of the steps that learn to write captions' }) },
});
