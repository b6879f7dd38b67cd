import type { RandomStream } from '../engine/random.js';
import type { ShownQuiz, View } from './batch.js';
import type { SharedQuiz } from './quiz.js';

/** Which of the products of a question is shown in which modality. */
export const shownIn = ['photo', 'edges', 'table'] as const;

/** How the three products of a question are shown: drawn for each, and the views that take most tokens. */
export interface ViewsOf {
  draw(stream: RandomStream): readonly View[];
  longest: readonly View[];
}

export const allWords: ViewsOf = { draw: () => ['words', 'words', 'words'], longest: ['words', 'words', 'words'] };

/** One product in its modality, the others in words. */
export const oneModality = (name: string): ViewsOf => {
  const views = shownIn.map((each): View => (each === name ? { modality: name } : 'words'));
  return { draw: () => views, longest: views };
};

/** Each product in its modality, or in words. */
export const someModalities: ViewsOf = {
  draw: (stream) => shownIn.map((modality): View => (stream.uniform() < 0.5 ? 'words' : { modality })),
  longest: shownIn.map((modality) => ({ modality })),
};

/** A question with its products in random order. */
export function shownAs(quiz: SharedQuiz, views: readonly View[], stream: RandomStream): ShownQuiz {
  return { quiz, slots: stream.shuffle([0, 1, 2] as const).map((at) => ({ at, view: views[at] })) };
}
