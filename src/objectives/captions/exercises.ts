import { exerciseSequence } from '../../moon/question.js';
import type { QuestionKind } from '../../moon/question-option.js';
import type { Sequence, SequenceOptions } from '../../moon/sequence.js';
import type { Sample } from '../../sampler/sampler.js';
import { type CaptioningOption, questionsOf } from './option.js';

/** The exercises of a step: its items with all of their text, or with questions in turn, so that one item meets all of them step by step. */
export function exercisesOf(
  { items, itemImages }: Sample,
  captioning: CaptioningOption,
  step: number,
  read: SequenceOptions,
): Sequence[] {
  const asked = questionsOf(captioning);
  // A stage of captions may be given to a network whose config has none (`train/enrich`).
  const questions: readonly QuestionKind[] = asked.length ? asked : ['text'];
  return items.map(({ product }, row) => {
    const image = itemImages[row];
    const turn = step + row;
    const attribute = Math.floor(turn / questions.length);
    const shown = { ...product, images: image ? [image] : [] };
    return exerciseSequence(shown, questions[turn % questions.length], attribute, read);
  });
}
