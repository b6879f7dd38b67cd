import type { MoonConfig } from '../../config/config.js';
import type { Change, TunedRow } from '../changes/change.js';
import type { Study } from './study.js';
import { writer, writerShop } from './writer.js';

/** Updates of the first stage, which writes, and of the second, which is the same contrast in every row. */
const WRITING = 600;
const CONTRAST = 400;

const reading =
  (attention: MoonConfig['attention']): Change =>
  (base) => ({ ...base, attention });

const writing = (kind: 'captions' | 'denoising', attention: MoonConfig['attention'], steps = WRITING): TunedRow => ({
  change: (base) => ({ ...base, attention, captioning: { kind, fraction: 1, questions: ['text', 'attribute'] } }),
  steps,
});

const then = (from: string, attention: MoonConfig['attention']): TunedRow => ({
  from,
  change: reading(attention),
  steps: CONTRAST,
});

/**
 * What the first stage teaches (arXiv 2602.06056): next tokens or denoising, and whether the second stage reads in one direction or both. Rows of
 * the first stage alone show what the second one starts from. All pool by the mean.
 */
export const firstStage: Study = {
  name: 'first-stage',
  base: { ...writer, attention: 'bidirectional', captioning: { kind: 'none' } },
  seeds: [1, 2, 3],
  data: writerShop,
  budget: { kind: 'items', steps: CONTRAST },
  split: 'val',
  tasks: [
    'directions.i-mm',
    'directions.i-t',
    'attribute.colour.own',
    'attribute.pattern.own',
    'attribute.material.own',
    'alignment',
  ],
  changes: {
    'none, causal': reading('causal'),
    'none, as many updates': { change: (base) => base, steps: WRITING + CONTRAST },
    'next token': writing('captions', 'causal'),
    denoising: writing('denoising', 'bidirectional'),
    'denoising, as many tokens': writing('denoising', 'bidirectional', 2 * WRITING),
    'next token, then causal': then('next token', 'causal'),
    'next token, then bidirectional': then('next token', 'bidirectional'),
    'denoising, then bidirectional': then('denoising', 'bidirectional'),
    'denoising, then causal': then('denoising', 'causal'),
    'denoising of as many tokens, then bidirectional': then('denoising, as many tokens', 'bidirectional'),
  },
  prediction:
    'After the first stage, denoising has less alignment than next tokens. After the second, a first stage helps where it is compared at equal contrastive updates and not at equal updates in all; next tokens are ahead of denoising, also at as many supervised tokens; and attention matters less than the stage. Tested two-sided.',
};
