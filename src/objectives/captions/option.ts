import { fraction, list, oneOf, tagged } from '../../checks/schema.js';
import { type Part, parts } from '../../moon/part-option.js';
import { type QuestionKind, questionKinds } from '../../moon/question-option.js';

/**
 * The stage in which the network learns to write about its pictures (image -> title, category, attributes): token by token (`captions`), or by
 * filling in hidden tokens, as masked diffusion language models do (`denoising`).
 */
export type CaptioningOption = { kind: 'none' } | ({ kind: 'captions' | 'denoising' } & WritingOption);

export interface WritingOption {
  /** The fraction of the steps that are of this stage. */
  fraction: number;
  /**
   * Parts that this stage trains: with `['projector']` it aligns the pictures with the language model (LLaVA's first stage, arXiv 2304.08485).
   * Default all; what the run does not train stays as it is in either case.
   */
  parts?: readonly Part[];
  /** What is asked: the items of a step take turns. Default the whole text alone; the others have a prompt each. */
  questions?: readonly QuestionKind[];
  /** Whether its steps come before the contrastive ones, or evenly between them. Default before. */
  when?: 'before' | 'between';
}

const writing = {
  fraction: fraction({ help: 'the fraction of the steps in the captioning stage' }),
  parts: list(oneOf(parts, { help: 'a part of the network' }), {
    min: 1,
    default: parts,
    help: 'parts that this stage trains; projector alone aligns pictures with the language model',
  }),
  questions: list(oneOf(questionKinds, { help: 'what the network writes about a picture' }), {
    min: 1,
    default: ['text'],
    help: 'what is written, in turn: all text; or after a prompt title, category, an attribute, or the box in percent',
  }),
  when: oneOf(['before', 'between'], {
    default: 'before',
    help: 'whether its steps come before the contrastive ones, or evenly between them',
  }),
};

export const captioningSchema = tagged<CaptioningOption>('whether training begins with a captioning stage', {
  none: {},
  captions: writing,
  denoising: writing,
});
