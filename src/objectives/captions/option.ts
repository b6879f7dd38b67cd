import { fillIn } from '../../checks/fill-in.js';
import { fraction, list, number, oneOf, tagged } from '../../checks/schema.js';
import { type Part, parts } from '../../moon/part-option.js';
import { type QuestionKind, questionKinds } from '../../moon/question-option.js';

/**
 * The stage in which the network learns to write about its pictures (image -> title, category, attributes): token by token (`captions`), by
 * filling in hidden tokens, as masked diffusion language models do (`denoising`), or token by token with the losses that help summaries
 * (`summaries`).
 */
export type CaptioningOption =
  | { kind: 'none' }
  | ({ kind: 'captions' | 'denoising' } & WritingOption)
  | ({ kind: 'summaries' } & SummariesOption);

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

/** Writing with the losses of MMAPS (arXiv 2308.11351), each by its weight; 0 leaves it out. */
export interface SummariesOption extends WritingOption {
  /** Which words the text has, told from what is read. Default 0.3. */
  words?: number;
  /** How far the tokens of the text that is read are from those of the picture. Default 0.3. */
  distance?: number;
  /** The contrast of picture and text against those of other products. Default 0.05. */
  contrast?: number;
  /** The features of hidden regions of the picture. Default 0.8. */
  regions?: number;
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
    help: 'what is written, in turn: all text; or after a prompt title, category, an attribute, summary, box in percent',
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
  summaries: {
    ...writing,
    questions: list(oneOf(questionKinds, { help: 'what the network writes about a picture' }), {
      min: 1,
      default: ['summary'],
      help: 'what is written, in turn',
    }),
    words: number({ min: 0, default: 0.3, help: 'the weight of telling which words the text has' }),
    distance: number({ min: 0, default: 0.3, help: 'the weight of the distance of text tokens and visual tokens' }),
    contrast: number({ min: 0, default: 0.05, help: 'the weight of the contrast of picture and text' }),
    regions: number({ min: 0, default: 0.8, help: 'the weight of telling the features of hidden regions' }),
  },
});

/** What a network learns to write: all text where nothing else is asked; nothing without the stage. */
export function questionsOf(captioning: CaptioningOption): readonly QuestionKind[] {
  const filled = fillIn(captioningSchema, captioning, 'captioning');
  return filled.kind === 'none' ? [] : filled.questions;
}

/** The weights of the losses that help summaries. */
export type SummaryWeights = Required<Pick<SummariesOption, 'words' | 'distance' | 'contrast' | 'regions'>>;

/** They are 0 for another stage. */
export function summaryWeights(captioning: CaptioningOption): SummaryWeights {
  const filled = fillIn(captioningSchema, captioning, 'captioning');
  if (filled.kind !== 'summaries') return { words: 0, distance: 0, contrast: 0, regions: 0 };
  const { words, distance, contrast, regions } = filled;
  return { words, distance, contrast, regions };
}
