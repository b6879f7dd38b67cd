import type { TrialResult } from '../ablate/run/trial.js';
import { chanceOf } from '../tasks/kinds/chance.js';
import { shownIn } from './views.js';

/** The task in which each product is shown in another modality; with `.photo` and its like one is, and two are in words. */
export const QUIZ = 'quiz';

/** What the tables say of the tasks. @param n number of questions */
export function quizTasks(n: number): TrialResult['tasks'] {
  const chance = chanceOf({ kind: 'choice', items: [], asks: [{ gold: ['a'], choices: ['a', 'b', 'c', 'd'] }] });
  const about = (name: string, title: string): TrialResult['tasks'][number] => ({
    name,
    title,
    kind: 'choice',
    query: 'three products',
    gallery: 'four values',
    products: 'unseen',
    n,
    items: 4,
    chance,
  });
  return [
    about(QUIZ, 'three products, each in another modality -> the value that they share'),
    ...shownIn.map((name) =>
      about(`${QUIZ}.${name}`, `three products, one as ${name} and two in words -> the value that they share`),
    ),
  ];
}
