import { alignmentTask } from './alignment-task.js';
import { answerTasks } from './answer-tasks.js';
import { directionTasks } from './directions.js';
import { shortTextTasks } from './short-text-tasks.js';
import { swapTasks } from './swap-tasks.js';
import type { Protocol } from './task.js';

/** Tasks of any data set that are made only where one is requested by name. */
export const requestedTasks: Protocol = (source) => [
  ...directionTasks(source),
  ...answerTasks(source),
  ...alignmentTask(source),
  ...swapTasks(source),
  ...shortTextTasks(source),
];
