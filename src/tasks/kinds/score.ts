import { meanOf } from '../../statistics/statistic.js';
import type { Answered, TaskKind } from './kind.js';

const score = ({ value = 0 }: Answered) => value;

/** Anything that is measured of each answer as one number (`Answered.value`), such as how like a reference a text is. What is good, the task says. */
export const scored: TaskKind = {
  name: 'score',
  statistics: (answers) => ({ score: meanOf(answers.map(score)) }),
  primary: 'score',
  perQuery: { score },
};
