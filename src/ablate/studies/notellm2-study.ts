import { allOf, type Change } from '../changes/change.js';
import type { Study } from './study.js';
import { writer, writerShop } from './writer.js';

const pooled =
  (pooling: Parameters<Change>[0]['pooling']): Change =>
  (base) => ({ ...base, pooling });

const fused =
  (fusion: NonNullable<Parameters<Change>[0]['fusion']>): Change =>
  (base) => ({ ...base, fusion });

const slots = pooled({ kind: 'slots' });
const gate = fused({ kind: 'gate' });

/**
 * Whether a language model that reads photo and words neglects the photo, and what brings it back (NoteLLM-2, arXiv 2405.16789): a slot of the
 * pictures with a loss of its own, and late fusion. Two listings of a product, of other views and words, are a pair; training has full texts, and
 * tasks leave out words.
 */
export const noteLlm2: Study = {
  name: 'notellm2',
  base: {
    ...writer,
    pooling: { kind: 'last' },
    captioning: { kind: 'none' },
    sampler: { ...writer.sampler, mix: { image: 0, text: 0, product: 1 } },
  },
  seeds: [1, 2, 3],
  data: {
    ...writerShop,
    options: { ...writerShop.options, mix: { image: 0, text: 0, product: 1 }, attributeHeavy: 0.8 },
  },
  budget: { kind: 'items', steps: 400 },
  split: 'val',
  tasks: ['short-text.100', 'short-text.50', 'short-text.20', 'retrieval.image', 'swap.image', 'swap.text'],
  changes: {
    slots,
    gate,
    'slots and gate': allOf(slots, gate),
    mean: pooled({ kind: 'mean' }),
    sum: fused({ kind: 'sum' }),
    'two losses, both of everything': pooled({ kind: 'slots', first: 'text' }),
    'gate, pictures of another product': fused({ kind: 'gate', pictures: 'next' }),
  },
  prediction:
    'The base neglects the photo: another photo changes its embedding less than other words do. Slots and late fusion move it more and gain where texts are short, and nothing where they are full; both together gain most. Two losses on slots that read everything gain nothing, and pictures of another product do damage.',
};
